import { describe, expect, it } from "vitest";
import { buildPolicy, FilterEngine, fidelityOf } from "../../src/engine/index.ts";
import {
  type Diagnostic,
  type Guid,
  LAYER_KEY,
  layersOfFamily,
  type Policy,
  SUBLAYER_KEY,
  UNKNOWN,
  uint8,
  uint32,
} from "../../src/model/index.ts";
import {
  CONNECT_LAYER,
  conditionsXml,
  conditionXml,
  diagXml,
  type FilterParts,
  filterXml,
  read,
  stateXml,
} from "../sources/netsh/netsh-lab.ts";

const build = (xml: string): Policy => buildPolicy(read(xml));

const codes = (diagnostics: readonly Diagnostic[]) => diagnostics.map(({ severity, code, count }) => [severity, code, count]);

const A: Guid = "{00000000-0000-4000-8000-00000000000a}";
const B: Guid = "{00000000-0000-4000-8000-00000000000b}";

const calloutAction = (key: string, kind = "TERMINATING") => `<type>FWP_ACTION_CALLOUT_${kind}</type><filterType>${key}</filterType>`;

function weightOf(policy: Policy, key: Guid): number {
  return policy.subLayers.find((subLayer) => subLayer.key === key)?.weight ?? Number.NaN;
}

describe("buildPolicy from netsh wfp show filters", () => {
  it("takes layers, Windows' own sublayers and callouts from the tables, and says so", () => {
    const policy = build(
      diagXml(
        filterXml({ subLayer: "FWPM_SUBLAYER_MPSSVC_WSH" }),
        filterXml({
          action: calloutAction("FWPM_CALLOUT_WFP_TRANSPORT_LAYER_V4_SILENT_DROP"),
          layer: "FWPM_LAYER_INBOUND_TRANSPORT_V4_DISCARD",
        }),
        filterXml({ action: calloutAction(A), name: "uses a stranger's" }),
        filterXml({ action: calloutAction(A) }),
      ),
    );
    expect(policy.layers).toEqual(layersOfFamily(policy.schemaFamily));
    expect(weightOf(policy, SUBLAYER_KEY.MPSSVC_WSH)).toBe(3);
    expect(weightOf(policy, SUBLAYER_KEY.UNIVERSAL)).toBe(0x8000);
    expect(policy.subLayers.every(({ weightKnown }) => weightKnown)).toBe(true);
    expect(policy.callouts.map(({ key, registered }) => [key, registered])).toEqual([
      ["{eda08606-2494-4d78-89bc-67837c03b969}", null],
      [A, null],
    ]);
    expect(codes(policy.diagnostics)).toEqual([
      ["info", "layers-from-tables", policy.layers.length],
      ["info", "sublayers-from-tables", policy.subLayers.length],
      ["info", "callout-not-listed", 1],
      ["info", "callout-not-listed", 2],
    ]);
    expect(policy.diagnostics[3]).toMatchObject({ line: policy.filters[2]?.line, message: expect.stringContaining(A) });
  });

  it("says where origins are lost", () => {
    const flags = '<flags numItems="1"><item>FWPM_FILTER_FLAG_HAS_FILTER_ORIGIN</item></flags>';
    expect(codes(build(diagXml(filterXml({ flags }))).diagnostics)).toContainEqual(["info", "origin-not-known", 1]);
  });

  describe("places sublayers that nobody lists", () => {
    const at = (layer: string, subLayer: string, effectiveWeight = "1") =>
      filterXml({ layer: `FWPM_LAYER_${layer}`, subLayer, effectiveWeight });
    const [connect, accept] = ["ALE_AUTH_CONNECT_V4", "ALE_AUTH_RECV_ACCEPT_V4"];
    const [wf, teredo] = ["FWPM_SUBLAYER_MPSSVC_WF", "FWPM_SUBLAYER_TEREDO"];

    it("by the order of the filters, which netsh sorts", () => {
      const policy = build(
        diagXml(at(connect, A, "9"), at(connect, A, "3"), at(connect, wf), at(accept, "FWPM_SUBLAYER_LIPS"), at(accept, B)),
      );
      expect(weightOf(policy, A)).toBeGreaterThan(weightOf(policy, SUBLAYER_KEY.MPSSVC_WF));
      expect(weightOf(policy, B)).toBeLessThan(weightOf(policy, SUBLAYER_KEY.LIPS));
      const guessed = policy.subLayers.filter(({ weightKnown }) => !weightKnown).map(({ key }) => key);
      expect(guessed).toEqual([A, B]);
      const remarks = policy.diagnostics.filter(({ code }) => code === "sublayer-weight-guessed");
      expect(remarks).toHaveLength(2);
      expect(remarks.every(({ message }) => message.includes("by the order of the filters"))).toBe(true);
    });

    it("among themselves too, over several layers", () => {
      const policy = build(diagXml(at(connect, B), at(connect, A), at(accept, A), at(accept, wf)));
      expect(weightOf(policy, B)).toBeGreaterThan(weightOf(policy, A));
      expect(weightOf(policy, A)).toBeGreaterThan(2);
    });

    it("above a built-in one of high weight where the order says so", () => {
      const policy = build(diagXml(at(connect, A), at(connect, "FWPM_SUBLAYER_UNIVERSAL"), at(connect, B)));
      expect(weightOf(policy, A)).toBeGreaterThan(0x8000);
      expect(weightOf(policy, B)).toBeLessThan(0x8000);
    });

    const unsorted: readonly (readonly [string, readonly string[]])[] = [
      ["filters of one sublayer stand apart", [at(connect, wf), at(connect, A), at(connect, wf)]],
      ["weights ascend", [at(connect, A, "1"), at(connect, A, "2"), at(connect, wf)]],
      ["known sublayers stand the wrong way round", [at(connect, teredo), at(connect, wf), at(connect, A)]],
      ["layers contradict each other", [at(connect, A), at(connect, B), at(accept, B), at(accept, A)]],
      ["there is no room between two neighbours", [at(connect, wf), at(connect, A), at(connect, teredo)]],
    ];
    it.each(unsorted)("above Windows Firewall's where %s", (_, filters) => {
      const policy = build(diagXml(...filters));
      expect(weightOf(policy, A)).toBeGreaterThan(7);
      expect(weightOf(policy, A)).toBeLessThan(0x1000);
      expect(policy.diagnostics.find(({ code }) => code === "sublayer-weight-guessed")?.message).toContain("above Windows Firewall's");
    });

    it("all with different weights", () => {
      const keys = Array.from({ length: 50 }, (_, index): Guid => `{00000000-0000-4000-8000-${String(index).padStart(12, "0")}}`);
      const policy = build(diagXml(...keys.map((key) => at(connect, key))));
      const weights = policy.subLayers.map(({ weight }) => weight);
      expect(new Set(weights).size).toBe(weights.length);
      const placed = keys.map((key) => weightOf(policy, key));
      expect(placed).toEqual(placed.toSorted((a, b) => b - a));
    });
  });
});

describe("buildPolicy from netsh wfp show state", () => {
  const here = (parts: FilterParts) => filterXml({ layer: "FWPM_LAYER_ALE_AUTH_CONNECT_V4", ...parts });

  it("takes everything from the file, without a remark", () => {
    const policy = build(stateXml({ filters: [here({})] }));
    expect(policy.diagnostics).toEqual([]);
    expect(policy.layers).toHaveLength(1);
    expect(policy.subLayers.map(({ weight, weightKnown }) => [weight, weightKnown])).toEqual([[2, true]]);
  });

  it("tells the schema family by what the layers have", () => {
    const field = (name: string) =>
      `<layers numItems="1"><item>${CONNECT_LAYER.replace("FWPM_CONDITION_IP_PROTOCOL", `FWPM_CONDITION_${name}`)}</item></layers>`;
    expect(build(stateXml()).schemaFamily).toBe("A");
    expect(build(stateXml({ layers: field("ALE_PACKAGE_FAMILY_NAME") })).schemaFamily).toBe("C");
    const policyLayer = CONNECT_LAYER.replace("ALE_AUTH_CONNECT_V4", "OUTBOUND_NETWORK_CONNECTION_POLICY_V4");
    expect(build(stateXml({ layers: `<layers numItems="1"><item>${policyLayer}</item></layers>` })).schemaFamily).toBe("B");
  });

  it("warns of callouts that a full list lacks, and does not take the order of a dump for evaluation order", () => {
    const policy = build(
      stateXml({ filters: [here({ action: calloutAction(B), subLayer: A }), here({ subLayer: "FWPM_SUBLAYER_UNIVERSAL" })] }),
    );
    expect(codes(policy.diagnostics)).toEqual([
      ["info", "sublayers-from-tables", 1],
      ["info", "sublayer-weight-guessed", 1],
      ["warning", "callout-not-listed", 1],
    ]);
    expect(weightOf(policy, A)).toBeLessThan(0x1000);
    expect(policy.callouts).toMatchObject([{ key: B, registered: null }]);
  });

  const condition = (field: string, match: string, type: string, content: string) =>
    conditionsXml(conditionXml(`FWPM_CONDITION_${field}`, `FWP_MATCH_${match}`, `FWP_${type}`, content));

  it.each([
    ["condition-not-found", condition("IP_LOCAL_PORT", "EQUAL", "UINT16", "<uint16>1</uint16>"), "has no field IP_LOCAL_PORT"],
    ["FWP_E_TYPE_MISMATCH", condition("IP_PROTOCOL", "EQUAL", "UINT16", "<uint16>1</uint16>"), "IP_PROTOCOL is FWP_UINT8"],
    ["FWP_E_MATCH_TYPE_MISMATCH", condition("IP_PROTOCOL", "PREFIX", "UINT8", "<uint8>1</uint8>"), "FWP_MATCH_PREFIX does not apply"],
    [
      "FWP_E_INVALID_NET_MASK",
      condition("IP_REMOTE_ADDRESS", "EQUAL", "V4_ADDR_MASK", "<v4AddrMask><addr>10.0.0.0</addr><mask>255.0.255.0</mask></v4AddrMask>"),
      "not contiguous",
    ],
  ])("reports %s with the line of the first filter, and keeps the filters", (code, conditions, message) => {
    const policy = build(stateXml({ filters: [here({}), here({ conditions }), here({ conditions })] }));
    expect(policy.filters).toHaveLength(3);
    expect(policy.diagnostics).toMatchObject([{ severity: "warning", code, count: 2, line: policy.filters[1]?.line }]);
    expect(policy.diagnostics[0]?.message).toContain(message);
    expect(fidelityOf(policy)).toMatchObject({ filters: 3, filtersModelled: 1, conditions: 2, conditionsModelled: 0 });
  });

  it("reports filters at layers that are not there, and ids given twice", () => {
    const policy = build(stateXml({ filters: [here({ id: "7" }), here({ id: "7", layer: "FWPM_LAYER_ALE_AUTH_CONNECT_V6" })] }));
    expect(codes(policy.diagnostics)).toEqual([
      ["warning", "layer-not-found", 1],
      ["warning", "duplicate-filter", 1],
    ]);
    expect(fidelityOf(policy)).toMatchObject({ filters: 2, filtersModelled: 1 });
  });

  it("never takes a condition that could not be read for met or unmet, nor its companions on the same field", () => {
    const block = "<type>FWP_ACTION_BLOCK</type><filterType/>";
    const unreadable = conditionXml("FWPM_CONDITION_IP_PROTOCOL", "FWP_MATCH_EQUAL", "FWP_QUBIT", "<qubit>6</qubit>");
    const readable = conditionXml("FWPM_CONDITION_IP_PROTOCOL", "FWP_MATCH_EQUAL", "FWP_UINT8", "<uint8>17</uint8>");
    const other = conditionXml("FWPM_CONDITION_FLAGS", "FWP_MATCH_FLAGS_ALL_SET", "FWP_UINT32", "<uint32>1</uint32>");
    const decide = (items: readonly string[], flags: number) => {
      const policy = build(stateXml({ filters: [here({ action: block, conditions: conditionsXml(...items) })] }));
      expect(fidelityOf(policy)).toMatchObject({ filters: 1, filtersModelled: 0 });
      const engine = new FilterEngine(policy);
      const layer = engine.layer(LAYER_KEY.ALE_AUTH_CONNECT_V4);
      if (layer === undefined) throw new RangeError("no layer");
      return engine.classify(layer, [uint8(6), UNKNOWN, uint32(flags)]).verdict;
    };
    expect(decide([unreadable, other], 1)).toBe("indeterminate");
    expect(decide([readable, other, unreadable], 1)).toBe("indeterminate");
    expect(decide([unreadable, other], 0)).toBe("permit");
  });
});

describe("fidelityOf", () => {
  const callout = (key: Guid, registered: boolean) =>
    `<item><calloutKey>${key}</calloutKey><displayData><name>c</name><description/></displayData>${
      registered ? '<flags numItems="1"><item>FWPM_CALLOUT_FLAG_REGISTERED</item></flags>' : "<flags/>"
    }<providerKey/><providerData/><applicableLayer>FWPM_LAYER_ALE_AUTH_CONNECT_V4</applicableLayer><calloutId>300</calloutId></item>`;

  it("counts callouts of strangers as not modelled unless nobody has registered them", () => {
    const windowsFirewall = "{c3dbed20-0bb6-4bf3-828d-96732e1e0044}";
    const policy = build(
      stateXml({
        callouts: [callout(A, true), callout(B, false), callout(windowsFirewall, true)],
        filters: [A, B, windowsFirewall].map((key) => filterXml({ action: calloutAction(key) })),
      }),
    );
    expect(fidelityOf(policy)).toEqual({
      filters: 3,
      filtersModelled: 2,
      conditions: 0,
      conditionsModelled: 0,
      calloutsUsed: 3,
      calloutsModelled: 2,
    });
  });

  it("counts inspections as modelled: whatever they see, they never decide", () => {
    const policy = build(stateXml({ callouts: [callout(A, true)], filters: [filterXml({ action: calloutAction(A, "INSPECTION") })] }));
    expect(fidelityOf(policy)).toMatchObject({ filters: 1, filtersModelled: 1, calloutsUsed: 1, calloutsModelled: 0 });
  });
});
