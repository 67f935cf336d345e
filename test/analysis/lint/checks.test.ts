import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { LINT_CHECKS, lintPolicy } from "../../../src/analysis/index.ts";
import { builtInPolicy, FilterEngine } from "../../../src/engine/index.ts";
import {
  appIdBlob,
  CONDITION_FLAG,
  type Condition,
  FIELD_KEY,
  FILTER_FLAG,
  type Filter,
  type FwpValue,
  type MatchType,
  type Policy,
  PROVIDER_KEY,
  type Provider,
  toAppId,
  uint8,
  uint16,
  uint32,
} from "../../../src/model/index.ts";
import {
  BLOCK,
  calloutObject,
  type FilterSketch,
  filter,
  guid,
  layerNamed,
  PERMIT,
  policy,
  terminating,
  U,
} from "../../engine/policy-lab.ts";

const ask = (field: keyof typeof FIELD_KEY, value: FwpValue, matchType: MatchType = "FWP_MATCH_EQUAL"): Condition => ({
  fieldKey: FIELD_KEY[field],
  matchType,
  value,
});
const range = (low: number, high: number): FwpValue => ({ type: "FWP_RANGE_TYPE", low: uint16(low), high: uint16(high) });
const ports = (field: "IP_LOCAL_PORT" | "IP_REMOTE_PORT", low: number, high: number): Condition =>
  ask(field, range(low, high), "FWP_MATCH_RANGE");
const app = (path: string): Condition => ask("ALE_APP_ID", { type: "FWP_BYTE_BLOB_TYPE", value: appIdBlob(toAppId(path)) });

const TCP = ask("IP_PROTOCOL", uint8(6));
const HTTPS = [TCP, ask("IP_REMOTE_PORT", uint16(443))];
/** An address makes a filter one of its family, so that nobody misses it at the other's layer. */
const OFFICE = ask("IP_REMOTE_ADDRESS", { type: "FWP_V4_ADDR_MASK", address: 0x0a000000, mask: 0xff000000 });
const V6 = layerNamed("ALE_AUTH_CONNECT_V6");
const [MINE, THEIRS] = [guid(0x51), guid(0x52)];

const provider = (key: Provider["key"]): Provider => ({
  key,
  name: `provider ${key}`,
  description: "",
  flags: 0,
  serviceName: null,
  data: null,
});

let last = 0;
/** A filter of no provider, unless `more` says otherwise. */
const made = (sketch: Omit<FilterSketch, "id">, more: Partial<Filter> = {}): Filter => ({ ...filter({ id: ++last, ...sketch }), ...more });
const permit = (conditions: readonly Condition[], more: Partial<Filter> = {}, sketch: Partial<FilterSketch> = {}) =>
  made({ action: PERMIT, conditions, ...sketch }, more);
const block = (conditions: readonly Condition[], more: Partial<Filter> = {}, sketch: Partial<FilterSketch> = {}) =>
  made({ action: BLOCK, conditions, ...sketch }, more);
/** What Windows Firewall makes of a rule that allows, and of one that blocks (WFP-DIAGNOSTICS-FIREWALL 6.2). */
const ruleWeight = (action: "allow" | "block", detail: bigint) => ((action === "allow" ? 9n : 10n) << 60n) + detail;
const rule = (name: string, action: "allow" | "block", detail: bigint, conditions: readonly Condition[]) =>
  made(
    { action: action === "allow" ? PERMIT : BLOCK, conditions, weight: ruleWeight(action, detail) },
    { name, origin: `{${name}}`, providerKey: PROVIDER_KEY.MPSSVC_WF },
  );

const CALLOUT = guid(0xca);
const CLEAR = { flags: FILTER_FLAG.CLEAR_ACTION_RIGHT };
const inU = { subLayer: U };

interface Case {
  readonly id: string;
  readonly what: string;
  /** Triggers the check and, unless `also` names more, nothing else. */
  readonly found: Policy;
  readonly also?: readonly string[];
  /** The same but for one thing: nothing is found. */
  readonly twin: Policy;
  readonly twinHas?: readonly string[];
}

const CASES: readonly Case[] = [
  {
    id: "WFP001",
    what: "a field that the layer does not have",
    found: policy([permit([TCP, ask("ETHER_TYPE", uint16(0x800))])]),
    twin: policy([permit(HTTPS)]),
  },
  {
    id: "WFP001",
    what: "a range that ends before it begins",
    found: policy([permit([TCP, ports("IP_REMOTE_PORT", 443, 80), OFFICE])]),
    also: ["WFP040"],
    twin: policy([permit([...HTTPS, OFFICE])]),
  },
  {
    id: "WFP002",
    what: "one condition twice",
    found: policy([permit([...HTTPS, ask("IP_REMOTE_PORT", uint16(443))])]),
    twin: policy([permit([...HTTPS, ask("IP_REMOTE_PORT", uint16(80))])]),
  },
  { id: "WFP003", what: "a permit without conditions", found: policy([permit([])]), twin: policy([permit([TCP])]) },
  {
    id: "WFP003",
    what: "a permit whose only condition always holds",
    found: policy([permit([ports("IP_REMOTE_PORT", 0, 65535), ask("IP_PROTOCOL", uint8(0), "FWP_MATCH_GREATER_OR_EQUAL")])]),
    also: ["WFP004"],
    twin: policy([permit([ports("IP_REMOTE_PORT", 0, 1023), TCP])]),
  },
  {
    id: "WFP004",
    what: "a range of all ports",
    found: policy([permit([TCP, ports("IP_REMOTE_PORT", 0, 65535)])]),
    twin: policy([permit([TCP, ports("IP_REMOTE_PORT", 1, 65535)])]),
  },
  {
    id: "WFP004",
    what: "a port within a range of the same filter",
    found: policy([permit([TCP, ports("IP_REMOTE_PORT", 80, 90), ask("IP_REMOTE_PORT", uint16(85))])]),
    twin: policy([permit([TCP, ports("IP_REMOTE_PORT", 80, 90), ask("IP_REMOTE_PORT", uint16(91))])]),
  },
  {
    id: "WFP005",
    what: "ports of GRE",
    found: policy([permit([ask("IP_PROTOCOL", uint8(47)), ask("IP_REMOTE_PORT", uint16(443))])]),
    twin: policy([permit([ask("IP_PROTOCOL", uint8(17)), ask("IP_REMOTE_PORT", uint16(443))])]),
  },
  {
    id: "WFP006",
    what: "a port of any protocol",
    found: policy([permit([ask("IP_REMOTE_PORT", uint16(443))])]),
    twin: policy([permit(HTTPS)]),
  },
  {
    id: "WFP010",
    what: "a hard permit above another product's block",
    found: {
      ...policy([permit(HTTPS, { ...CLEAR, providerKey: MINE }), block([OFFICE], { providerKey: THEIRS }, inU)]),
      providers: [provider(MINE), provider(THEIRS)],
    },
    twin: {
      ...policy([permit(HTTPS, { ...CLEAR, providerKey: MINE }), block([OFFICE], { providerKey: MINE }, inU)]),
      providers: [provider(MINE)],
    },
  },
  {
    id: "WFP010",
    what: "a hard permit, and a soft one",
    found: policy([permit(HTTPS, CLEAR), block([OFFICE], {}, inU)]),
    twin: policy([permit(HTTPS), block([OFFICE], {}, inU)]),
  },
  {
    id: "WFP010",
    what: "not where the block would not have decided anyway",
    found: policy([permit(HTTPS, CLEAR), block([OFFICE], {}, inU)]),
    twin: policy([permit(HTTPS, CLEAR), permit([...HTTPS, OFFICE], {}, { ...inU, weight: 9n }), block([...HTTPS, OFFICE], {}, inU)]),
    twinHas: ["WFP041", "WFP042"],
  },
  {
    id: "WFP011",
    what: "CLEAR_ACTION_RIGHT on a block",
    found: policy([block([OFFICE], CLEAR)]),
    twin: policy([block([OFFICE])]),
  },
  {
    id: "WFP012",
    what: "a block after the handshake",
    found: policy([block([OFFICE], {}, { layer: layerNamed("ALE_FLOW_ESTABLISHED_V4") })]),
    twin: policy([block([OFFICE], {}, { layer: layerNamed("ALE_AUTH_RECV_ACCEPT_V4") })]),
  },
  {
    id: "WFP013",
    what: "a callout above another product's permit",
    found: policy([made({ action: terminating(CALLOUT), conditions: [TCP] }), permit(HTTPS, {}, inU)], [calloutObject(CALLOUT, true)]),
    twin: policy(
      [made({ action: terminating(CALLOUT), conditions: [ask("IP_PROTOCOL", uint8(17))] }), permit(HTTPS, {}, inU)],
      [calloutObject(CALLOUT, true)],
    ),
  },
  {
    id: "WFP020",
    what: "a callout whose driver does not run",
    found: policy([made({ action: terminating(CALLOUT), conditions: [OFFICE] })], [calloutObject(CALLOUT, false)]),
    twin: policy([made({ action: terminating(CALLOUT), conditions: [OFFICE] })], [calloutObject(CALLOUT, true)]),
  },
  {
    id: "WFP021",
    what: "a callout that nobody calls",
    found: { ...policy([permit(HTTPS)], [{ ...calloutObject(CALLOUT, true), providerKey: MINE }]), providers: [provider(MINE)] },
    twin: {
      ...policy([made({ action: terminating(CALLOUT), conditions: [OFFICE] })], [{ ...calloutObject(CALLOUT, true), providerKey: MINE }]),
      providers: [provider(MINE)],
    },
  },
  {
    id: "WFP022",
    what: "a provider that nobody added",
    found: policy([permit(HTTPS, { providerKey: MINE })]),
    twin: { ...policy([permit(HTTPS, { providerKey: MINE })]), providers: [provider(MINE)] },
  },
  {
    id: "WFP023",
    what: "a product all of whose callouts are gone",
    found: {
      ...policy([made({ action: terminating(CALLOUT), conditions: [OFFICE] }, { providerKey: MINE })], [calloutObject(CALLOUT, false)]),
      providers: [provider(MINE)],
    },
    also: ["WFP020"],
    twin: {
      ...policy(
        [
          made({ action: terminating(CALLOUT), conditions: [OFFICE] }, { providerKey: MINE }),
          made({ action: terminating(guid(0xcb)), conditions: [OFFICE], subLayer: U }, { providerKey: MINE }),
        ],
        [calloutObject(CALLOUT, false), calloutObject(guid(0xcb), true)],
      ),
      providers: [provider(MINE)],
    },
    // The product runs; one of its filters has no driver all the same.
    twinHas: ["WFP020"],
  },
  {
    id: "WFP024",
    what: "a provider that nothing is of",
    found: { ...policy([permit(HTTPS)]), providers: [provider(MINE)] },
    twin: { ...policy([permit(HTTPS, { providerKey: MINE })]), providers: [provider(MINE)] },
  },
  {
    id: "WFP025",
    what: "a filter that opens without its driver",
    found: policy(
      [made({ action: terminating(CALLOUT), conditions: [OFFICE], flags: FILTER_FLAG.PERMIT_IF_CALLOUT_UNREGISTERED })],
      [calloutObject(CALLOUT, true)],
    ),
    twin: policy([made({ action: terminating(CALLOUT), conditions: [OFFICE] })], [calloutObject(CALLOUT, true)]),
  },
  ...(["MsSense.exe", "csfalconservice.exe", "SentinelAgent.exe"] as const).map(
    (name): Case => ({
      id: "WFP030",
      what: `${name} may not connect`,
      found: policy([
        block([app(`C:\\Program Files\\Agent\\${name}`)]),
        block([app(`C:\\Program Files\\Agent\\${name}`)], {}, { layer: V6 }),
      ]),
      twin: policy([block([app(`C:\\Tools\\not-${name}`)]), block([app(`C:\\Tools\\not-${name}`)], {}, { layer: V6 })]),
    }),
  ),
  {
    id: "WFP031",
    what: "a block for IPv4 only",
    found: policy([block(HTTPS)]),
    twin: policy([block(HTTPS), block(HTTPS, {}, { layer: V6 })]),
  },
  {
    id: "WFP031",
    what: "not where only one version has what is asked about",
    found: policy([block([ask("ARRIVAL_INTERFACE_TYPE", uint32(131))], {}, { layer: layerNamed("ALE_AUTH_RECV_ACCEPT_V6") })]),
    twin: policy([
      block([ask("ARRIVAL_TUNNEL_TYPE", uint32(14))], {}, { layer: layerNamed("ALE_AUTH_RECV_ACCEPT_V6") }),
      block([ask("IP_PROTOCOL", uint8(58))], {}, { layer: layerNamed("ALE_AUTH_RECV_ACCEPT_V6") }),
    ]),
  },
  {
    id: "WFP040",
    what: "a port above all ports",
    found: policy([permit([TCP, ask("IP_REMOTE_PORT", uint16(65535), "FWP_MATCH_GREATER")])]),
    twin: policy([permit([TCP, ask("IP_REMOTE_PORT", uint16(65534), "FWP_MATCH_GREATER")])]),
  },
  {
    id: "WFP041",
    what: "a filter behind a wider one",
    found: policy([permit([TCP], {}, { weight: 9n }), permit(HTTPS)]),
    twin: policy([permit([ask("IP_PROTOCOL", uint8(17))], {}, { weight: 9n }), permit(HTTPS)]),
  },
  {
    id: "WFP042",
    what: "a permit below a block of all that it matches",
    found: policy([block([OFFICE]), permit([...HTTPS, OFFICE], {}, inU)]),
    twin: policy([block([OFFICE]), permit(HTTPS, {}, inU)]),
  },
  {
    id: "WFP043",
    what: "two filters of one weight",
    found: policy([permit(HTTPS, {}, { weight: 7n }), block([OFFICE], {}, { weight: 7n })]),
    twin: policy([permit(HTTPS, {}, { weight: 8n }), block([OFFICE], {}, { weight: 7n })]),
  },
  {
    id: "WFP044",
    what: "a rule that a block hides",
    found: policy([rule("No shell", "block", 1n, [...HTTPS, OFFICE]), rule("Shell", "allow", 1n, [...HTTPS, OFFICE])]),
    twin: policy([rule("No shell", "block", 1n, [...HTTPS, OFFICE]), rule("Shell", "allow", 1n, HTTPS)]),
  },
  {
    id: "WFP045",
    what: "a rule that another one includes",
    found: policy([rule("One program", "allow", 9n, [...HTTPS, app("C:\\a.exe")]), rule("All programs", "allow", 1n, HTTPS)]),
    twin: policy([rule("One program", "allow", 9n, [TCP, app("C:\\a.exe")]), rule("All programs", "allow", 1n, HTTPS)]),
  },
];

const idsOf = (found: Policy): string[] => [...new Set(lintPolicy(new FilterEngine(found)).map(({ id }) => id))].sort();

describe("lint", () => {
  it.each(CASES)("$id: $what", ({ id, found, also = [], twin, twinHas = [] }) => {
    expect(idsOf(found)).toEqual([id, ...also].sort());
    expect(idsOf(twin)).toEqual([...twinHas].sort());
  });

  it("has a case for each check but the one about the budget", () => {
    const covered = new Set(CASES.map(({ id }) => id));
    expect(LINT_CHECKS.map(({ id }) => id).filter((id) => !covered.has(id))).toEqual(["WFP049"]);
  });

  it("WFP049: says what the budget did not suffice for, and nothing where it does", () => {
    const engine = new FilterEngine(builtInPolicy("11"));
    const only = { only: ({ id }: { readonly id: string }) => id === "WFP049" };
    expect(lintPolicy(engine, { ...only, maxNodes: 1000 }).length).toBeGreaterThanOrEqual(0);
    const wide = policy(
      Array.from({ length: 40 }, (_, index) =>
        permit(
          [
            TCP,
            ports("IP_REMOTE_PORT", index * 100, index * 100 + 5000),
            ports("IP_LOCAL_PORT", index * 77, index * 77 + 9000),
            ask("FLAGS", uint32(CONDITION_FLAG.IS_LOOPBACK), index % 2 === 0 ? "FWP_MATCH_FLAGS_ALL_SET" : "FWP_MATCH_FLAGS_NONE_SET"),
          ],
          {},
          { weight: BigInt(index) },
        ),
      ),
    );
    expect(lintPolicy(new FilterEngine(wide), { ...only, maxNodes: 1000 }).map(({ id }) => id)).toContain("WFP049");
    expect(lintPolicy(new FilterEngine(wide), only)).toEqual([]);
  });

  it("only notes what is odd about filters that Windows makes by itself, and counts rules as somebody's", () => {
    const own = { providerKey: PROVIDER_KEY.MPSSVC_WSH };
    const severityOf = (found: Policy) => lintPolicy(new FilterEngine(found)).map(({ severity }) => severity);
    expect(severityOf(policy([permit([TCP], own, { weight: 9n }), permit(HTTPS, own)]))).toEqual(["note"]);
    expect(severityOf(policy([permit([TCP], {}, { weight: 9n }), permit(HTTPS)]))).toEqual(["warning"]);
    const open = { ...rule("Open", "allow", 1n, []), layerKey: layerNamed("ALE_AUTH_RECV_ACCEPT_V4").key };
    expect(lintPolicy(new FilterEngine(policy([open]))).map(({ id, severity }) => [id, severity])).toEqual([["WFP003", "warning"]]);
  });

  it("does not ask about disabled filters", () => {
    expect(idsOf(policy([permit([], { flags: FILTER_FLAG.DISABLED })]))).toEqual([]);
  });

  it("blocks that match everything are noted only", () => {
    const found = lintPolicy(new FilterEngine(policy([block([]), block([], {}, { layer: V6 })])));
    expect(found.map(({ id, severity }) => [id, severity])).toEqual([
      ["WFP003", "note"],
      ["WFP003", "note"],
    ]);
  });

  it("names the filters that are to blame", () => {
    const [wide, narrow] = [permit([TCP], {}, { weight: 9n }), permit(HTTPS)];
    const [finding] = lintPolicy(new FilterEngine(policy([narrow, wide])));
    expect([finding?.filter, finding?.related]).toEqual([narrow, [wide]]);
    expect(finding?.message).toContain(`"${wide.name}" (#${wide.filterId})`);
  });
});

describe("docs/lint.md", () => {
  it("has a section for each check, with its title and severity", () => {
    const text = readFileSync(new URL("../../../docs/lint.md", import.meta.url), "utf8");
    const sections = [...text.matchAll(/^## (WFP\d{3}): (.*)$/gm)].map(([, id, title]) => `${id}: ${title}`);
    expect(sections).toEqual(LINT_CHECKS.map(({ id, title }) => `${id}: ${title}`));
    for (const { id, name, severity } of LINT_CHECKS) expect(text).toMatch(new RegExp(`## ${id}: .*\\n\\n\`${name}\`, ${severity}\\b`));
  });
});
