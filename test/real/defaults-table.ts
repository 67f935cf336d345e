import { existsSync, readFileSync } from "node:fs";
import { Bfe, buildPolicy } from "../../src/engine/index.ts";
import { compileFirewall } from "../../src/firewall/index.ts";
import { PROVIDER_KEY, SUBLAYER_KEY, type WindowsVersion } from "../../src/model/index.ts";
import { decodeText, readNetsh } from "../../src/sources/index.ts";
import { CONFIG } from "../firewall/lab.ts";
import {
  compareShapes,
  compiledShape,
  EVENTS,
  filtersAt,
  profileChange,
  recordedEvents,
  type Shape,
  shapeText,
} from "./recorded-filters.ts";

const wfp = new URL("../../../shared/data/wfp/", import.meta.url);

interface Recording {
  readonly title: string;
  readonly windows: WindowsVersion;
  readonly file: URL;
  read(): readonly Shape[];
}

function dump(title: string, name: string): Recording {
  const file = new URL(name, wfp);
  const read = () => buildPolicy(readNetsh(decodeText(readFileSync(file)), { source: name })).filters.map(compiledShape);
  return { title, windows: "11", file, read };
}

function recordedAtStart(): readonly Shape[] {
  const events = recordedEvents();
  return filtersAt(events, profileChange(events));
}

/** Machines whose own filters are known in full, each on a public network when it was recorded. */
const RECORDINGS: readonly Recording[] = [
  { title: "Windows 10 1909", windows: "10", file: EVENTS, read: recordedAtStart },
  dump("Windows 11 21H2", "win11-21h2-portmaster.wfpstate.xml"),
  dump("Windows 11 22H2", "win11-22h2-windivert-npcap.wfpstate.xml"),
];

export const HAVE_DEFAULTS = RECORDINGS.every(({ file }) => existsSync(file));

const BOOT_TIME = "Boot Time Filter";
/** Windows calls these boot-time filters too, though they are none. */
const NEIGHBOURS = "neighbour discovery";
const WAYS = ["Inbound", "Outbound"] as const;
const EXCEPTIONS = ["DHCP", "ICMP", "Loopback", "Neighbor Discovery", "Next Hop Tunnel", "Tunnel"] as const;

/** What Windows calls the filters that are there whatever the rules, and what the table calls them. */
const CLASSES: readonly (readonly [title: string, names: readonly string[]])[] = [
  ["Boot time", [BOOT_TIME, "AppContainerBoottimeFilter"]],
  ["Neighbour discovery through tunnels, between profiles", [NEIGHBOURS]],
  ["Loopback of AppContainers", ["AppContainerLoopback"]],
  ["AppContainer isolation, default block", WAYS.flatMap((way) => [`Block ${way} Default Rule`, `UWP Default ${way} Block Rule`])],
  [
    "AppContainer isolation, capabilities",
    ["InternetClient Default Rule", ...WAYS.map((way) => `InternetClientServer ${way} Default Rule`)],
  ],
  ["Quarantine, default", ["Block", ...EXCEPTIONS.map((what) => `${what} Exception`)].map((what) => `Quarantine Default Inbound ${what}`)],
  ["Quarantine, interfaces", ["Interface Un-quarantine filter"]],
  ["Query user, default inbound", ["Query User"]],
  ["Default outbound", ["Default Outbound"]],
  ["Stealth", ["Port Scanning Prevention Filter"]],
  ["Service hardening, default block", ["WSH Default Inbound Block", "WSH Default Outbound Block"]],
  ["FTP inspection", ["FTP Inspection Filter", "Deep Protocol Inspection Filter"]],
  ["Log of dropped packets", ["Logging Filter"]],
];

const PROVIDERS = new Set<string>([PROVIDER_KEY.MPSSVC_WF, PROVIDER_KEY.MPSSVC_WSH, PROVIDER_KEY.MPSSVC_APP_ISOLATION]);

/** Without what is the machine's: its interfaces, and the services it has. */
function general(shape: Shape): Shape {
  const conditions = shape.conditions.map((condition) =>
    condition
      .replace(/^(INTERFACE_QUARANTINE_EPOCH|IP_ARRIVAL_INTERFACE|IP_NEXTHOP_INTERFACE) EQUAL .*/, "$1")
      .replace(/^(ALE_USER_ID EQUAL) S-1-5-80-.*/, "$1 services"),
  );
  const isNeighbours = shape.name === BOOT_TIME && conditions.some((condition) => condition.startsWith("IP_LOCAL_ADDRESS_TYPE"));
  return { ...shape, conditions, ...(isNeighbours ? { name: NEIGHBOURS } : {}) };
}

/** One of each: machines differ in how many interfaces they have. */
const distinct = (shapes: readonly Shape[]): readonly Shape[] => [...new Map(shapes.map((one) => [shapeText(one), one])).values()];

function compiled(windows: WindowsVersion): readonly Shape[] {
  const bfe = new Bfe({ windows });
  compileFirewall(bfe, { ...CONFIG, windows, hardening: { services: ["W32Time"], rules: [] } });
  const own = new Set<string>(Object.values(SUBLAYER_KEY));
  return bfe.policy.filters.filter(({ subLayerKey }) => own.has(subLayerKey)).map((filter) => general(compiledShape(filter)));
}

/** Rows of the table in docs/firewall-defaults.md: for each class and machine, how many of the recorded filters are compiled alike. */
export function defaultsTable(): { readonly markdown: string; readonly equal: number; readonly recorded: number } {
  const columns = RECORDINGS.map(({ windows, read }) => {
    const shapes = read()
      .filter(({ provider }) => PROVIDERS.has(provider))
      .map(general);
    let left = [...compiled(windows)];
    const cells = CLASSES.map(([title, names]) => {
      const found = shapes.filter(({ name }) => names.includes(name));
      const recorded = title === "Quarantine, interfaces" ? distinct(found) : found;
      const { equal, extra } = compareShapes(recorded, left, false);
      const texts = [...extra];
      left = left.filter((shape) => {
        const index = texts.indexOf(shapeText(shape));
        if (index >= 0) texts.splice(index, 1);
        return index >= 0;
      });
      return { equal, recorded: recorded.length };
    });
    return { cells, left };
  });
  const rows = CLASSES.map(([title], row) => [title, ...columns.map(({ cells }) => cellText(cells[row]))]);
  const only = ["Compiled, not recorded", ...columns.map(({ left }) => (left.length === 0 ? "none" : String(left.length)))];
  const head = ["", ...RECORDINGS.map(({ title }) => title)];
  const lines = [head, head.map(() => "---"), ...rows, only].map((cells) => `| ${cells.join(" | ")} |`.replace(/^\| {2}\|/, "| |"));
  const all = columns.flatMap(({ cells }) => cells);
  const sum = (key: "equal" | "recorded") => all.reduce((total, cell) => total + cell[key], 0);
  return { markdown: lines.join("\n"), equal: sum("equal"), recorded: sum("recorded") };
}

function cellText(cell: { readonly equal: number; readonly recorded: number } | undefined): string {
  if (cell === undefined || cell.recorded === 0) return "none recorded";
  return cell.equal === cell.recorded ? `all ${cell.recorded}` : `${cell.equal} of ${cell.recorded}`;
}
