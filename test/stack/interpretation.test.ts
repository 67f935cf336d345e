import { describe, expect, it } from "vitest";
import { Bfe, FilterEngine } from "../../src/engine/index.ts";
import {
  EMPTY,
  type FieldName,
  type Filter,
  type Guid,
  type IndicationRecord,
  type Interpretation,
  LAYER_KEY,
  type Policy,
  parseFlow,
  SUBLAYER_KEY,
  uint32,
} from "../../src/model/index.ts";
import { runScenario, traceFlow } from "../../src/stack/index.ts";

const open = new Bfe().policy;

/** The server's indications at one layer while a client connects. */
function atServer(layer: Guid, interpretation: Partial<Interpretation>, serverPolicy: Policy = open): IndicationRecord[] {
  const records = runScenario("tcp-connect", { clientPolicy: open, serverPolicy, family: 4, windows: "11", interpretation });
  return records.filter(
    (record): record is IndicationRecord => record.type === "indication" && record.host === "server" && record.layer.key === layer,
  );
}

const field = ({ layer, values }: Pick<IndicationRecord, "layer" | "values">, name: FieldName) =>
  values[layer.fields.findIndex((candidate) => candidate.name === name)];

describe("initialReauthorizeReason (Q19)", () => {
  it.each([
    ["zero", uint32(0)],
    ["empty", EMPTY],
  ] as const)("%s, in sessions and in traces", (initialReauthorizeReason, expected) => {
    const [accept] = atServer(LAYER_KEY.ALE_AUTH_RECV_ACCEPT_V4, { initialReauthorizeReason });
    expect(accept && field(accept, "REAUTHORIZE_REASON")).toEqual(expected);
    const engine = new FilterEngine(open, { interpretation: { initialReauthorizeReason } });
    const trace = traceFlow(engine, parseFlow("in tcp 203.0.113.9:51000 > 10.0.0.5:445"), { windows: "11" });
    expect(trace.decisive && field(trace.decisive, "REAUTHORIZE_REASON")).toEqual(expected);
  });
});

describe("wildcardBind (4.3.1)", () => {
  it("tells of port 0 or of no address: the server binds to every address and to one port", () => {
    const flags = (wildcardBind: Interpretation["wildcardBind"]) =>
      atServer(LAYER_KEY.ALE_RESOURCE_ASSIGNMENT_V4, { wildcardBind })[0]?.flags;
    expect(flags("port")).toEqual([]);
    expect(flags("address")).toEqual(["IS_WILDCARD_BIND"]);
  });
});

describe("indeterminate", () => {
  const calloutKey: Guid = "{0badc0de-0000-4000-8000-000000000001}";
  const filter: Filter = {
    key: "{0badc0de-0000-4000-8000-000000000002}",
    name: "of a third party",
    description: "",
    flags: 0,
    namedFlags: [],
    providerKey: null,
    providerData: null,
    layerKey: LAYER_KEY.ALE_AUTH_RECV_ACCEPT_V4,
    subLayerKey: SUBLAYER_KEY.UNIVERSAL,
    weight: { type: "FWP_EMPTY" },
    conditions: [],
    action: { type: "FWP_ACTION_CALLOUT_TERMINATING", calloutKey },
    rawContext: 0n,
    providerContextKey: null,
    filterId: 1n,
    effectiveWeight: 0n,
    origin: null,
  };
  // Registered, and its code is not known.
  const opaque: Policy = {
    ...open,
    callouts: [
      ...open.callouts,
      {
        key: calloutKey,
        name: "third party",
        description: "",
        flags: 0,
        providerKey: null,
        providerData: null,
        applicableLayer: LAYER_KEY.ALE_AUTH_RECV_ACCEPT_V4,
        calloutId: 900,
        registered: true,
      },
    ],
    filters: [filter],
  };

  it.each(["permit", "block"] as const)("goes on as if it were a %s, and says so", (indeterminate) => {
    const [first] = atServer(LAYER_KEY.ALE_AUTH_RECV_ACCEPT_V4, { indeterminate }, opaque);
    expect(first?.decision.verdict).toBe("indeterminate");
    expect(first?.assumed).toBe(indeterminate);
    const established = atServer(LAYER_KEY.ALE_FLOW_ESTABLISHED_V4, { indeterminate }, opaque);
    expect(established.length).toBe(indeterminate === "permit" ? 1 : 0);
  });
});
