import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { Bfe, builtInPolicy } from "../../src/engine/index.ts";
import {
  byteArray16,
  type Condition,
  FIELD_KEY,
  type FieldName,
  type Filter,
  formatAddress,
  type Guid,
  LAYER_KEY,
  NET_EVENT_KEYWORD,
  parseAddress,
  parseSddl,
  range,
  type Sid,
  SUBLAYER_KEY,
  securityDescriptor,
  sidValue,
  uint32,
} from "../../src/model/index.ts";
import { netEventsXml } from "../../src/report/index.ts";
import { readNetEvents } from "../../src/sources/index.ts";
import { desktopProcess, ethernet, Simulation } from "../../src/stack/index.ts";

const recording = fileURLToPath(new URL("../../../shared/data/netevents/microsoft-docs-cases.json", import.meta.url));

type DocumentedCondition = readonly [field: string, match: string, ...values: (string | number)[]];

interface DocumentedFilter {
  readonly filterId: number;
  readonly name: string;
  readonly effectiveWeight: number;
  readonly action: "PERMIT" | "BLOCK";
  readonly conditions: readonly DocumentedCondition[];
}

/** One net event as Microsoft's page prints it, and the filter that decided where the page prints that too. */
interface DocumentedCase {
  readonly case: string;
  readonly type: "CLASSIFY_ALLOW" | "CLASSIFY_DROP";
  readonly time: string;
  readonly ip: 4 | 6;
  readonly proto: number;
  readonly local: string;
  readonly lport: number;
  readonly remote: string;
  readonly rport: number;
  readonly layerId: number;
  readonly originalProfile: number;
  readonly currentProfile: number;
  readonly direction?: "OUT";
  readonly packageSid?: Sid;
  readonly capabilities: readonly string[];
  readonly filterId: number;
  readonly terminatingFiltersInfo: readonly (readonly [filterId: number, subLayer: string, action: "PERMIT" | "BLOCK"])[];
  readonly filter?: DocumentedFilter;
}

const cases: readonly DocumentedCase[] = existsSync(recording) ? JSON.parse(readFileSync(recording, "utf8")).cases : [];

/** Well-known capabilities (winnt.h: internetClient 1, internetClientServer 2, privateNetworkClientServer 3). */
const CAPABILITY: Readonly<Record<string, Sid>> = {
  INTERNET_CLIENT: "S-1-15-3-1",
  INTERNET_CLIENT_SERVER: "S-1-15-3-2",
  PRIVATE_NETWORK: "S-1-15-3-3",
};

/** The documented event as netsh would have printed it. */
function printed(of: DocumentedCase): string {
  const names = "IP_PROTOCOL LOCAL_ADDR REMOTE_ADDR LOCAL_PORT REMOTE_PORT IP_VERSION".split(" ");
  const [suffix, body] = [of.ip === 4 ? "V4" : "V6.byteArray16", of.type === "CLASSIFY_DROP" ? "classifyDrop" : "classifyAllow"];
  const list = (name: string, items: readonly string[]) =>
    `<${name} numItems="${items.length}">${items.map((item) => `<item>${item}</item>`).join("")}</${name}>`;
  const direction =
    of.direction === undefined ? "" : `<msFwpDirection>MS_FWP_DIRECTION_${of.direction}</msFwpDirection><isLoopback>false</isLoopback>`;
  return `<netEvents numItems="1"><item>
    <header><timeStamp>${of.time}</timeStamp>${list(
      "flags",
      names.map((name) => `FWPM_NET_EVENT_FLAG_${name}_SET`),
    )}<ipVersion>FWP_IP_VERSION_V${of.ip}</ipVersion><ipProtocol>${of.proto}</ipProtocol>
    <localAddr${suffix}>${of.local}</localAddr${suffix}><remoteAddr${suffix}>${of.remote}</remoteAddr${suffix}>
    <localPort>${of.lport}</localPort><remotePort>${of.rport}</remotePort></header>
    <type>FWPM_NET_EVENT_TYPE_${of.type}</type>
    <${body}><filterId>${of.filterId}</filterId><layerId>${of.layerId}</layerId><originalProfile>${of.originalProfile}</originalProfile>
    <currentProfile>${of.currentProfile}</currentProfile>${direction}</${body}>
    <internalFields>${list(
      "capabilities",
      of.capabilities.map((name) => `FWP_CAPABILITIES_FLAG_${name}`),
    )}${list(
      "terminatingFiltersInfo",
      of.terminatingFiltersInfo.map(
        ([id, subLayer, action]) =>
          `<filterId>${id}</filterId><subLayer>FWPP_SUBLAYER_INTERNAL_${subLayer}</subLayer><actionType>FWP_ACTION_${action}</actionType>`,
      ),
    )}</internalFields></item></netEvents>`;
}

function condition([field, match, ...values]: DocumentedCondition): Condition {
  const fieldKey = FIELD_KEY[field as FieldName];
  const [first = "", second = ""] = values;
  if (match === "EQUAL_SD") return { fieldKey, matchType: "FWP_MATCH_EQUAL", value: securityDescriptor(parseSddl(String(first))) };
  if (match === "NOT_EQUAL") return { fieldKey, matchType: "FWP_MATCH_NOT_EQUAL", value: sidValue(first as Sid) };
  if (match === "EQUAL") return { fieldKey, matchType: "FWP_MATCH_EQUAL", value: uint32(Number(first)) };
  const [low, high] = [first, second].map((text) => {
    const address = parseAddress(String(text));
    return address.family === 4 ? uint32(address.value) : byteArray16(address.bytes);
  });
  if (match !== "RANGE" || low === undefined || high === undefined) throw new Error(`unexpected condition ${field} ${match}`);
  return { fieldKey, matchType: "FWP_MATCH_RANGE", value: range(low, high) };
}

/** Every filter of the service hardening sublayer that the pages print, at this case's layer, and the firewall's own default. */
function policyOf(of: DocumentedCase) {
  const layerKey = of.ip === 4 ? LAYER_KEY.ALE_AUTH_CONNECT_V4 : LAYER_KEY.ALE_AUTH_CONNECT_V6;
  const filter = (documented: DocumentedFilter, subLayerKey: Guid): Filter => ({
    key: `{d0c00000-0000-4000-8000-${documented.filterId.toString(16).padStart(12, "0")}}` as Guid,
    name: documented.name,
    description: "",
    flags: 0,
    namedFlags: [],
    providerKey: null,
    providerData: null,
    layerKey,
    subLayerKey,
    weight: { type: "FWP_EMPTY" },
    conditions: documented.conditions.map(condition),
    action: { type: `FWP_ACTION_${documented.action}` },
    rawContext: 0n,
    providerContextKey: null,
    filterId: BigInt(documented.filterId),
    effectiveWeight: BigInt(documented.effectiveWeight),
    origin: null,
  });
  const suits = ({ conditions }: DocumentedFilter) =>
    conditions.every(([field, , address]) => field !== "IP_REMOTE_ADDRESS" || parseAddress(String(address)).family === of.ip);
  const hardening = cases.flatMap(({ filter: printedFilter }) =>
    printedFilter !== undefined && suits(printedFilter) ? [printedFilter] : [],
  );
  const [, [firewallId = 0] = []] = of.terminatingFiltersInfo;
  // The pages do not print the filter of the firewall's sublayer: they say that it permits.
  const permit = { filterId: firewallId, name: "Default Outbound", effectiveWeight: 1, action: "PERMIT", conditions: [] } as const;
  const empty = builtInPolicy("10");
  return {
    ...empty,
    filters: [...hardening.map((documented) => filter(documented, SUBLAYER_KEY.MPSSVC_WSH)), filter(permit, SUBLAYER_KEY.MPSSVC_WF)],
  };
}

/** What the model's machine with that policy writes about the same connection. */
function modelled(of: DocumentedCase): string {
  const simulation = new Simulation();
  const packageSid = cases.find(({ packageSid: sid }) => sid !== undefined)?.packageSid ?? "S-1-15-2-1";
  const host = simulation.addHost({
    name: "documented",
    windows: "10",
    bfe: new Bfe({ windows: "10", policy: policyOf(of) }),
    interfaces: [ethernet({ index: 5, addresses: [`${of.local}/${of.ip === 4 ? 24 : 64}`], profile: "public" })],
    diagnostics: { keywords: NET_EVENT_KEYWORD.CLASSIFY_ALLOW },
  });
  const capabilities = of.capabilities.map((name) => CAPABILITY[name] ?? "S-1-0-0");
  const process = desktopProcess("C:\\Program Files\\WindowsApps\\app.exe", 4321, {
    packageSid: of.packageSid ?? packageSid,
    capabilities,
  });
  const socket = host.socket({ family: of.ip, process });
  socket.bind(null, of.lport);
  socket.connect(parseAddress(of.remote), of.rport);
  const records = simulation.records.flatMap((record) => (record.type === "netevent" ? [record] : []));
  return netEventsXml(records, { startTime: of.time });
}

describe.skipIf(!existsSync(recording))("net events that Microsoft's documentation prints (../shared/data/netevents)", () => {
  it("are four", () => {
    expect(cases.length).toBe(4);
  });

  it.each(cases)("case $case, $type: the model writes the same filter, sublayer by sublayer", (of) => {
    const [expected, ...more] = readNetEvents(printed(of), { source: "documented", strict: true }).events;
    expect(more).toEqual([]);
    const events = readNetEvents(modelled(of), { source: "modelled", strict: true }).events;
    expect(events).toHaveLength(1);
    const [event] = events;
    if (event === undefined || expected === undefined) throw new Error("no event");
    expect(event.type).toBe(expected.type);
    expect(event.filterId).toBe(expected.filterId);
    expect(event.terminatingFilters).toEqual(expected.terminatingFilters);
    expect(event.layerId).toBe(expected.layerId);
    expect(event.direction).toBe(expected.direction);
    expect([event.originalProfile, event.currentProfile]).toEqual([expected.originalProfile, expected.currentProfile]);
    expect(event.capabilities).toEqual(expected.capabilities);
    expect([event.localPort, event.remotePort, event.protocol, event.family]).toEqual([of.lport, of.rport, of.proto, of.ip]);
    for (const [address, documented] of [
      [event.localAddress, of.local],
      [event.remoteAddress, of.remote],
    ] as const) {
      expect(address === null ? null : formatAddress(address)).toBe(formatAddress(parseAddress(documented)));
    }
  });
});
