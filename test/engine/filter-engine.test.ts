import { describe, expect, it } from "vitest";
import {
  type Callout,
  type ClassifyRequest,
  collectTrace,
  FilterEngine,
  type FlowContext,
  type StackServices,
} from "../../src/engine/index.ts";
import {
  CALLOUT_FLAG,
  type Condition,
  FIELD_KEY,
  FILTER_FLAG,
  type FieldName,
  type FieldValue,
  type Guid,
  type Layer,
  UNKNOWN,
  uint8,
  uint16,
} from "../../src/model/index.ts";
import {
  A,
  BLOCK,
  BQ,
  calloutObject,
  either,
  filter,
  guid,
  inspection,
  layerNamed,
  PERMIT,
  policy,
  subLayer,
  terminating,
  U,
} from "./policy-lab.ts";

const layer = layerNamed("ALE_AUTH_CONNECT_V4");
const C1 = guid(0xca1);
const C2 = guid(0xca2);

const is = (field: FieldName, value: Condition["value"]): Condition => ({
  fieldKey: FIELD_KEY[field],
  matchType: "FWP_MATCH_EQUAL",
  value,
});
const PORT_80 = is("IP_REMOTE_PORT", uint16(80));
const TCP = is("IP_PROTOCOL", uint8(6));

/** Unknown fields but for the given ones. */
function values(known: Partial<Record<FieldName, FieldValue>>, at: Layer = layer): FieldValue[] {
  return at.fields.map((field) => known[field.name as FieldName] ?? UNKNOWN);
}

const allows: Callout = {
  classify: (_request, out) => {
    out.action = "permit";
  },
};

/** A callout that remembers what it was shown. */
function recorder(requests: ClassifyRequest[], action: "continue" | "block" = "continue"): Callout {
  return {
    classify: (request, out) => {
      requests.push(request);
      out.action = action;
    },
  };
}

describe("FilterEngine", () => {
  it("finds the layers of its policy only", () => {
    const engine = new FilterEngine(policy([], [], [A], [layer]));
    expect(engine.layer(layer.key)).toBe(layer);
    expect(engine.layer(layerNamed("STREAM_V4").key)).toBeUndefined();
  });

  it("keeps disabled filters out, and boot-time filters to the boot phase", () => {
    const engine = new FilterEngine(
      policy([
        filter({ id: 1, action: BLOCK, flags: FILTER_FLAG.DISABLED }),
        filter({ id: 2, action: BLOCK, flags: FILTER_FLAG.BOOTTIME }),
        filter({ id: 3, action: PERMIT, flags: FILTER_FLAG.PERSISTENT }),
      ]),
      { phase: "boot" },
    );
    expect(engine.classify(layer, []).filter?.filterId).toBe(2n);
    engine.setPhase("running");
    expect(engine.classify(layer, []).filter?.filterId).toBe(3n);
  });

  it("puts filters without a sublayer into the layer's default one", () => {
    const universal = { ...subLayer(1, 0x8000), key: layer.defaultSubLayer };
    const filters = [
      { ...filter({ id: 1, action: PERMIT, flags: FILTER_FLAG.CLEAR_ACTION_RIGHT }), subLayerKey: guid(0) },
      filter({ id: 2, action: BLOCK, subLayer: U }),
    ];
    const { decision, subLayers } = collectTrace(
      new FilterEngine(policy(filters, [], [universal, U])),
      layer,
      [],
      { metadata: {} },
      { filters: false },
    );
    expect(decision.filter?.filterId).toBe(1n);
    expect(subLayers.map(({ weight }) => weight)).toEqual([0x8000, 0x100]);
  });

  it("swaps policies, counting a generation for the layers that changed", () => {
    const engine = new FilterEngine(policy([filter({ id: 1, action: BLOCK })]));
    expect(engine.classify(layer, []).verdict).toBe("block");
    const before = engine.generation(layer.key);
    const other = engine.generation(layerNamed("STREAM_V4").key);
    engine.update(policy([]), new Set([layer.key]));
    expect(engine.classify(layer, []).verdict).toBe("permit");
    expect(engine.generation(layer.key)).toBeGreaterThan(before);
    expect(engine.generation(layerNamed("STREAM_V4").key)).toBe(other);
  });

  it("lets callouts register and unregister at any time", () => {
    const engine = new FilterEngine(policy([filter({ id: 1, action: terminating(C1) })], [calloutObject(C1, false)]));
    expect(engine.classify(layer, []).code).toBe("CALLOUT_UNREGISTERED_BLOCK");
    engine.registerCallout(C1, allows);
    expect(engine.classify(layer, []).code).toBe("CALLOUT_PERMIT");
    engine.unregisterCallout(C1);
    expect(engine.classify(layer, []).code).toBe("CALLOUT_UNREGISTERED_BLOCK");
  });

  it("takes a callout for registered where the source does not say, and for absent where a full source does not list it", () => {
    const filters = [filter({ id: 1, action: terminating(C1) })];
    const code = (changes: object) => new FilterEngine({ ...policy(filters), ...changes }).classify(layer, []).code;
    expect(code({ completeness: "filters" })).toBe("INDETERMINATE_CALLOUT");
    expect(code({ completeness: "state" })).toBe("CALLOUT_UNREGISTERED_BLOCK");
    expect(code({ completeness: "state", callouts: [calloutObject(C1, null)] })).toBe("INDETERMINATE_CALLOUT");
    expect(code({ completeness: "state", callouts: [calloutObject(C1, true)] })).toBe("INDETERMINATE_CALLOUT");
  });

  it("may classify again from within a callout", () => {
    const stream = layerNamed("STREAM_V4");
    const filters = [
      filter({ id: 1, action: either(C1) }),
      filter({ id: 2, action: BLOCK, subLayer: BQ }),
      filter({ id: 3, action: PERMIT, layer: stream }),
    ];
    let inner = "";
    const engine: FilterEngine = new FilterEngine(policy(filters), {
      callouts: new Map([
        [
          C1,
          {
            classify: (_request, out) => {
              inner = engine.classify(stream, []).code;
              out.action = "permit";
            },
          } satisfies Callout,
        ],
      ]),
    });
    expect(engine.classify(layer, []).filter?.filterId).toBe(2n);
    expect(inner).toBe("FILTER_PERMIT");
  });

  it("is ready for the next classify after a callout threw", () => {
    const broken: Callout = {
      classify: () => {
        throw new RangeError("callout");
      },
    };
    const engine = new FilterEngine(policy([filter({ id: 1, action: terminating(C1) })]), { callouts: new Map([[C1, broken]]) });
    expect(() => engine.classify(layer, [])).toThrow(RangeError);
    engine.registerCallout(C1, allows);
    expect(engine.classify(layer, []).verdict).toBe("permit");
  });
});

describe("callout requests", () => {
  it("show the decision of the sublayers above and the right to change it", () => {
    const requests: ClassifyRequest[] = [];
    const filters = [
      filter({ id: 1, action: inspection(C1) }),
      filter({ id: 2, action: PERMIT, flags: FILTER_FLAG.CLEAR_ACTION_RIGHT, subLayer: BQ }),
      filter({ id: 3, action: inspection(C1), subLayer: U }),
    ];
    new FilterEngine(policy(filters), { callouts: new Map([[C1, recorder(requests)]]) }).classify(layer, []);
    expect(requests.map(({ action, writable, filter: { filterId } }) => [filterId, action, writable])).toEqual([
      [1n, "none", true],
      [3n, "permit", false],
    ]);
  });

  it("lend the stack's services only where the filter surely matches, and once", () => {
    const requests: ClassifyRequest[] = [];
    const stack: StackServices = { pend: () => () => undefined };
    const filters = [
      filter({ id: 1, action: PERMIT, conditions: [PORT_80] }),
      filter({ id: 2, action: inspection(C1), conditions: [TCP], subLayer: BQ }),
      filter({ id: 3, action: inspection(C1), conditions: [PORT_80], subLayer: U }),
    ];
    const engine = new FilterEngine(policy(filters), { callouts: new Map([[C1, recorder(requests)]]) });
    engine.classify(layer, values({ IP_PROTOCOL: uint8(6) }), { metadata: {}, stack });
    expect(requests.filter(({ filter: { filterId } }) => filterId === 2n).map((request) => request.stack === stack)).toEqual([true, false]);
    expect(requests.filter(({ filter: { filterId } }) => filterId === 3n).every((request) => request.stack === undefined)).toBe(true);
  });

  it("reach a conditional callout only on flows it has a context on, each callout its own", () => {
    const contexts = new Map<Guid, unknown>([[C1, "mine"]]);
    const stack: StackServices = {
      flowContextOf: (key): FlowContext => ({ get: () => contexts.get(key), set: (value) => contexts.set(key, value) }),
    };
    const requests: ClassifyRequest[] = [];
    const conditional = { ...recorder(requests, "block"), conditionalOnFlow: true };
    const callouts = new Map([C1, C2].map((key) => [key, conditional]));
    const filters = [filter({ id: 1, action: terminating(C1) }), filter({ id: 2, action: terminating(C2), subLayer: BQ })];
    const engine = new FilterEngine(policy(filters), { callouts });
    expect(engine.classify(layer, [], { metadata: {}, stack }).filter?.filterId).toBe(1n);
    expect(requests.map((request) => request.stack?.flowContext?.get())).toEqual(["mine"]);
    expect(engine.classify(layer, []).code).toBe("NO_MATCH_PERMIT");
  });

  it("are answered by anything where the model does not know", () => {
    const partial: Callout = { ...allows, knows: () => false };
    const engine = new FilterEngine(policy([filter({ id: 1, action: terminating(C1) })]), { callouts: new Map([[C1, partial]]) });
    expect(engine.classify(layer, []).code).toBe("INDETERMINATE_CALLOUT");
  });
});

describe("indeterminate decisions", () => {
  it("name the field that the verdict depends on, and every way it can end", () => {
    const filters = [filter({ id: 1, action: PERMIT, conditions: [PORT_80, TCP], weight: 2n }), filter({ id: 2, action: BLOCK })];
    const decision = new FilterEngine(policy(filters)).classify(layer, values({ IP_PROTOCOL: uint8(6) }));
    expect(decision).toMatchObject({ verdict: "indeterminate", code: "INDETERMINATE_FIELD", filter: null });
    expect(decision.dependsOn).toEqual([{ kind: "field", fieldKey: FIELD_KEY.IP_REMOTE_PORT, field: "IP_REMOTE_PORT" }]);
    expect(decision.alternatives.map(({ verdict, code, filter: each }) => [verdict, code, each?.filterId])).toEqual([
      ["permit", "FILTER_PERMIT", 1n],
      ["block", "FILTER_BLOCK", 2n],
    ]);
  });

  it("name opaque callouts", () => {
    const engine = new FilterEngine(policy([filter({ id: 1, action: terminating(C1) })], [calloutObject(C1, true)]));
    const decision = engine.classify(layer, []);
    expect(decision.code).toBe("INDETERMINATE_CALLOUT");
    expect(decision.dependsOn).toEqual([
      { kind: "callout", calloutKey: C1, calloutName: `callout ${C1}`, filterId: 1n, filterName: "filter 1" },
    ]);
  });

  it("leave out what makes no difference", () => {
    // The permit above is soft either way, so only the callout below matters.
    const filters = [filter({ id: 1, action: PERMIT, conditions: [PORT_80] }), filter({ id: 2, action: terminating(C1), subLayer: BQ })];
    const decision = new FilterEngine(policy(filters, [calloutObject(C1, true)])).classify(layer, values({}));
    expect(decision.dependsOn.map(({ kind }) => kind)).toEqual(["callout"]);
    expect(decision.code).toBe("INDETERMINATE_CALLOUT");
  });

  it("have both causes where both matter", () => {
    const filters = [filter({ id: 1, action: BLOCK, conditions: [PORT_80] }), filter({ id: 2, action: terminating(C1), subLayer: BQ })];
    const decision = new FilterEngine(policy(filters, [calloutObject(C1, true)])).classify(layer, values({}));
    expect(decision.code).toBe("INDETERMINATE_CALLOUT_AND_FIELD");
  });

  it("do not arise where a hard decision above makes the unknown irrelevant", () => {
    const filters = [filter({ id: 1, action: BLOCK }), filter({ id: 2, action: terminating(C1), subLayer: BQ })];
    const decision = new FilterEngine(policy(filters, [calloutObject(C1, true)])).classify(layer, []);
    expect(decision).toMatchObject({ verdict: "block", code: "FILTER_BLOCK", dependsOn: [], alternatives: [] });
    expect(decision.filter?.filterId).toBe(1n);
  });

  it("treat an opaque callout at INSPECTION as harmless, and at UNKNOWN as free to continue", () => {
    const code = (action: ReturnType<typeof either>) => {
      const filters = [filter({ id: 1, action, weight: 2n }), filter({ id: 2, action: BLOCK, subLayer: BQ })];
      return new FilterEngine(policy(filters, [calloutObject(C1, true)])).classify(layer, []);
    };
    expect(code(inspection(C1))).toMatchObject({ verdict: "block", code: "FILTER_BLOCK" });
    // Only a hard permit escapes the block below.
    expect(code(either(C1)).alternatives.map((end) => end.code)).toEqual(["CALLOUT_PERMIT", "CALLOUT_BLOCK", "FILTER_BLOCK"]);
  });

  it("let an opaque callout that is conditional on a flow continue", () => {
    const flags = CALLOUT_FLAG.FWP_CALLOUT_FLAG_CONDITIONAL_ON_FLOW;
    const engine = new FilterEngine(policy([filter({ id: 1, action: terminating(C1) })], [calloutObject(C1, true, flags)]));
    expect(engine.classify(layer, []).alternatives.map((end) => end.code)).toContain("NO_MATCH_PERMIT");
  });

  it("keep a definite verdict, and list its deciders, where only those are unknown", () => {
    const filters = [filter({ id: 1, action: BLOCK, conditions: [PORT_80], weight: 2n }), filter({ id: 2, action: BLOCK })];
    const decision = new FilterEngine(policy(filters)).classify(layer, values({}));
    expect(decision).toMatchObject({ verdict: "block", dependsOn: [] });
    expect(decision.filter?.filterId).toBe(2n);
    expect(decision.alternatives.map((end) => end.filter?.filterId)).toEqual([1n, 2n]);
  });

  it("take a condition on a field that the layer lacks for unknown", () => {
    const engine = new FilterEngine(policy([filter({ id: 1, action: BLOCK, conditions: [{ ...PORT_80, fieldKey: guid(77) }] })]));
    expect(engine.classify(layer, values({})).dependsOn).toEqual([{ kind: "field", fieldKey: guid(77), field: guid(77) }]);
  });
});

describe("traces", () => {
  const filters = [
    filter({ id: 1, action: PERMIT, conditions: [PORT_80, TCP], weight: 3n }),
    filter({ id: 2, action: PERMIT, weight: 2n }),
    filter({ id: 3, action: BLOCK, conditions: [TCP], weight: 1n }),
    filter({ id: 4, action: BLOCK, subLayer: U }),
  ];
  const known = values({ IP_PROTOCOL: uint8(6), IP_REMOTE_PORT: uint16(443) });

  it("tell of every sublayer with filters, in order, and of the state before and after", () => {
    const { subLayers, filters: none } = collectTrace(
      new FilterEngine(policy(filters)),
      layer,
      known,
      { metadata: {} },
      { filters: false },
    );
    expect(none).toEqual([]);
    expect(
      subLayers.map(({ subLayerName, filters: count, filter: decider, action, rights, before, after }) => ({
        subLayerName,
        count,
        decider: decider?.filterId,
        action,
        rights,
        before,
        after,
      })),
    ).toEqual([
      {
        subLayerName: A.name,
        count: 3,
        decider: 2n,
        action: "permit",
        rights: "soft",
        before: { action: "none", rights: "soft" },
        after: { action: "permit", rights: "soft" },
      },
      {
        subLayerName: U.name,
        count: 1,
        decider: 4n,
        action: "block",
        rights: "hard",
        before: { action: "permit", rights: "soft" },
        after: { action: "block", rights: "hard" },
      },
    ]);
  });

  it("tell of every filter and condition, and which were no longer consulted", () => {
    const { filters: results } = collectTrace(new FilterEngine(policy(filters)), layer, known, { metadata: {} }, { filters: true });
    expect(
      results.map(({ filter: { filterId }, truth, conditions, consulted }) => [
        filterId,
        truth,
        conditions.map((each) => each.truth).join(),
        consulted,
      ]),
    ).toEqual([
      [1n, "false", "false,true", true],
      [2n, "true", "", true],
      [3n, "true", "true", false],
      [4n, "true", "", true],
    ]);
  });

  it("tell of vetoes and of candidates", () => {
    const veto = [
      filter({ id: 1, action: PERMIT, flags: FILTER_FLAG.CLEAR_ACTION_RIGHT }),
      filter({ id: 2, action: terminating(C1), subLayer: BQ }),
    ];
    const blocks: Callout = {
      classify: (_request, out) => {
        out.action = "block";
      },
    };
    const vetoed = collectTrace(
      new FilterEngine(policy(veto), { callouts: new Map([[C1, blocks]]) }),
      layer,
      [],
      { metadata: {} },
      { filters: false },
    );
    expect(vetoed.subLayers.map((each) => each.vetoed)).toEqual([false, true]);
    expect(vetoed.subLayers[1]?.after).toEqual({ action: "block", rights: "hard" });

    const unsure = collectTrace(
      new FilterEngine(policy(filters)),
      layer,
      values({ IP_PROTOCOL: uint8(17) }),
      { metadata: {} },
      { filters: false },
    );
    expect(unsure.subLayers[0]).toMatchObject({ action: "permit", candidates: [] });
    const [port, , block] = filters;
    const open = collectTrace(
      new FilterEngine(policy([port, block].flatMap((each) => each ?? []))),
      layer,
      values({ IP_PROTOCOL: uint8(6) }),
      { metadata: {} },
      { filters: false },
    );
    expect(open.subLayers[0]).toMatchObject({ action: "indeterminate", filter: null, after: { action: "indeterminate" } });
    expect(open.subLayers[0]?.candidates.map(({ filterId }) => filterId)).toEqual([1n, 3n]);
  });
});
