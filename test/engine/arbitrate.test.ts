import { describe, expect, it } from "vitest";
import { FilterEngine } from "../../src/engine/index.ts";
import { FILTER_FLAG, type Filter, type Guid } from "../../src/model/index.ts";
import { scriptedCallout } from "./arbitraries.ts";
import type { Script } from "./naive-evaluator.ts";
import { BLOCK, BQ, calloutObject, either, filter, guid, inspection, layerNamed, PERMIT, policy, terminating, U } from "./policy-lab.ts";

const C1 = guid(0xca1);
const C2 = guid(0xca2);
const CLEAR = FILTER_FLAG.CLEAR_ACTION_RIGHT;
const layer = layerNamed("ALE_AUTH_CONNECT_V4");

const decides = (action: Script["action"], rights: "keeps" | "clears", absorb = false): Script => ({
  action,
  writable: rights === "keeps",
  absorb,
});

/** Verdict, code and id of the deciding filter. */
function outcome(filters: readonly Filter[], scripts: Record<Guid, Script> = {}, at = layer): string {
  const entries = Object.entries(scripts) as [Guid, Script][];
  const callouts = new Map(entries.map(([key, script]) => [key, scriptedCallout(script)]));
  const objects = [C1, C2].map((key) => calloutObject(key, callouts.has(key)));
  const engine = new FilterEngine(policy(filters, objects), { callouts });
  const { verdict, code, filter: decider, absorbed } = engine.classify(at, []);
  return [verdict, code, decider?.filterId ?? "-", ...(absorbed ? ["absorbed"] : [])].join(" ");
}

describe("arbitration (WFP-CONFORMANCE A)", () => {
  it("A1: permits when nothing matches", () => {
    expect(outcome([])).toBe("permit NO_MATCH_PERMIT -");
  });

  it("A2: blocks", () => {
    expect(outcome([filter({ id: 1, action: BLOCK })])).toBe("block FILTER_BLOCK 1");
  });

  it("A3: lets a lower block override a soft permit", () => {
    expect(outcome([filter({ id: 1, action: PERMIT }), filter({ id: 2, action: BLOCK, subLayer: BQ })])).toBe("block FILTER_BLOCK 2");
  });

  it("A4: but not a hard one", () => {
    expect(outcome([filter({ id: 1, action: PERMIT, flags: CLEAR }), filter({ id: 2, action: BLOCK, subLayer: BQ })])).toBe(
      "permit FILTER_PERMIT 1",
    );
  });

  it("A5, A6: keeps a block whatever is permitted below, and names its filter", () => {
    expect(outcome([filter({ id: 1, action: BLOCK }), filter({ id: 2, action: PERMIT, subLayer: BQ })])).toBe("block FILTER_BLOCK 1");
    expect(outcome([filter({ id: 1, action: BLOCK }), filter({ id: 2, action: PERMIT, flags: CLEAR, subLayer: BQ })])).toBe(
      "block FILTER_BLOCK 1",
    );
    expect(outcome([filter({ id: 1, action: BLOCK }), filter({ id: 2, action: BLOCK, subLayer: BQ })])).toBe("block FILTER_BLOCK 1");
  });

  it("A7: lets a callout veto a hard permit", () => {
    const filters = [filter({ id: 1, action: PERMIT, flags: CLEAR }), filter({ id: 2, action: terminating(C1), subLayer: BQ })];
    expect(outcome(filters, { [C1]: decides("block", "keeps") })).toBe("block CALLOUT_VETO 2");
    expect(outcome([...filters, filter({ id: 3, action: PERMIT, subLayer: U })], { [C1]: decides("block", "keeps") })).toBe(
      "block CALLOUT_VETO 2",
    );
  });

  it("does not let an unregistered callout's block veto: it acts as a filter", () => {
    expect(outcome([filter({ id: 1, action: PERMIT, flags: CLEAR }), filter({ id: 2, action: terminating(C1), subLayer: BQ })])).toBe(
      "permit FILTER_PERMIT 1",
    );
  });

  it("A8, A9: a callout's block is as hard as it leaves it", () => {
    const filters = [filter({ id: 1, action: terminating(C1) }), filter({ id: 2, action: PERMIT, subLayer: BQ })];
    expect(outcome(filters, { [C1]: decides("block", "keeps") })).toBe("permit FILTER_PERMIT 2");
    expect(outcome(filters, { [C1]: decides("block", "clears") })).toBe("block CALLOUT_BLOCK 1");
  });

  it("A10, A11: and so is its permit", () => {
    const filters = [filter({ id: 1, action: terminating(C1) }), filter({ id: 2, action: BLOCK, subLayer: BQ })];
    expect(outcome(filters, { [C1]: decides("permit", "keeps") })).toBe("block FILTER_BLOCK 2");
    expect(outcome(filters, { [C1]: decides("permit", "clears") })).toBe("permit CALLOUT_PERMIT 1");
  });

  it("A12: goes on in the sublayer after a callout that continues", () => {
    const filters = [filter({ id: 1, action: either(C1), weight: 2n }), filter({ id: 2, action: BLOCK, weight: 1n })];
    expect(outcome(filters, { [C1]: decides("continue", "keeps") })).toBe("block FILTER_BLOCK 2");
    expect(outcome(filters, { [C1]: decides("none", "keeps") })).toBe("block FILTER_BLOCK 2");
  });

  it("A13: ignores what an inspection callout returns", () => {
    expect(outcome([filter({ id: 1, action: inspection(C1) })], { [C1]: decides("block", "clears") })).toBe("permit NO_MATCH_PERMIT -");
  });

  it("A14: takes the heavier filter of a sublayer", () => {
    expect(outcome([filter({ id: 1, action: PERMIT, weight: 2n << 60n }), filter({ id: 2, action: BLOCK, weight: 1n << 60n })])).toBe(
      "permit FILTER_PERMIT 1",
    );
  });

  it("A19: takes the newest of equal ones, or the oldest if told so (Q1)", () => {
    const filters = [filter({ id: 1, action: PERMIT }), filter({ id: 2, action: BLOCK })];
    expect(outcome(filters)).toBe("block FILTER_BLOCK 2");
    const engine = new FilterEngine(policy(filters), { interpretation: { equalWeights: "oldest-first" } });
    expect(engine.classify(layer, []).filter?.filterId).toBe(1n);
  });

  it("A20 to A23: treats filters of unregistered callouts as the flags say", () => {
    const flag = FILTER_FLAG.PERMIT_IF_CALLOUT_UNREGISTERED;
    expect(outcome([filter({ id: 1, action: terminating(C1) })])).toBe("block CALLOUT_UNREGISTERED_BLOCK 1");
    expect(outcome([filter({ id: 1, action: terminating(C1), flags: flag })])).toBe("permit CALLOUT_UNREGISTERED_PERMIT 1");
    expect(outcome([filter({ id: 1, action: inspection(C1), weight: 2n }), filter({ id: 2, action: BLOCK })])).toBe("block FILTER_BLOCK 2");
    expect(outcome([filter({ id: 1, action: either(C1) }), filter({ id: 2, action: PERMIT, flags: CLEAR, subLayer: BQ })])).toBe(
      "block CALLOUT_UNREGISTERED_BLOCK 1",
    );
  });

  it("A24: a soft block between two permits loses", () => {
    const filters = [
      filter({ id: 1, action: PERMIT }),
      filter({ id: 2, action: terminating(C1), subLayer: BQ }),
      filter({ id: 3, action: PERMIT, subLayer: U }),
    ];
    expect(outcome(filters, { [C1]: decides("block", "keeps") })).toBe("permit FILTER_PERMIT 3");
  });

  it("names the highest of two sublayers that permit", () => {
    expect(outcome([filter({ id: 1, action: PERMIT }), filter({ id: 2, action: PERMIT, subLayer: BQ })])).toBe("permit FILTER_PERMIT 1");
  });

  it("A25: absorbs, with BLOCK only and not at discard layers", () => {
    const inbound = layerNamed("INBOUND_TRANSPORT_V4");
    const discard = layerNamed("INBOUND_TRANSPORT_V4_DISCARD");
    const at = (where: typeof layer) => [filter({ id: 1, action: terminating(C1), layer: where })];
    expect(outcome(at(inbound), { [C1]: decides("block", "clears", true) }, inbound)).toBe("block CALLOUT_ABSORB 1 absorbed");
    expect(outcome(at(discard), { [C1]: decides("block", "clears", true) }, discard)).toBe("block CALLOUT_BLOCK 1");
    expect(outcome(at(inbound), { [C1]: decides("permit", "clears", true) }, inbound)).toBe("permit CALLOUT_PERMIT 1");
  });

  it("forgets an absorbed soft block that a lower sublayer permits, and keeps it under a lower block", () => {
    const absorb = { [C1]: decides("block", "keeps", true) };
    const first = filter({ id: 1, action: terminating(C1) });
    expect(outcome([first, filter({ id: 2, action: PERMIT, subLayer: BQ })], absorb)).toBe("permit FILTER_PERMIT 2");
    expect(outcome([first, filter({ id: 2, action: BLOCK, subLayer: BQ })], absorb)).toBe("block CALLOUT_ABSORB 1 absorbed");
  });

  it("takes an undecided terminating callout for a block if told so (Q15)", () => {
    const filters = [filter({ id: 1, action: terminating(C1), weight: 2n }), filter({ id: 2, action: PERMIT })];
    const undecided = { callouts: new Map([[C1, scriptedCallout(decides("none", "keeps"))]]) };
    expect(new FilterEngine(policy(filters), undecided).classify(layer, []).filter?.filterId).toBe(2n);
    const strict = new FilterEngine(policy(filters), { ...undecided, interpretation: { undecidedTerminatingCallout: "block" } });
    expect(strict.classify(layer, []).code).toBe("CALLOUT_BLOCK");
  });
});
