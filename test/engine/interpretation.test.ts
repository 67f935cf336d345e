import { describe, expect, it } from "vitest";
import { Bfe } from "../../src/engine/index.ts";
import {
  type Condition,
  EMPTY,
  FIELD_KEY,
  type FwpValue,
  type Interpretation,
  LAYER_KEY,
  uint8,
  uint16,
  uint32,
} from "../../src/model/index.ts";

const session = (interpretation: Partial<Interpretation>) => new Bfe({ interpretation }).openSession({ name: "test" });

describe("subLayerCollision (Q16)", () => {
  it.each([
    ["next-lower", 0xff],
    ["next-higher", 0x101],
  ] as const)("%s", (subLayerCollision, expected) => {
    const bfe = new Bfe({ interpretation: { subLayerCollision } });
    const author = bfe.openSession({ name: "test" });
    author.addSubLayer({ name: "first", weight: 0x100 });
    const second = author.addSubLayer({ name: "second", weight: 0x100 });
    expect(bfe.policy.subLayers.find(({ key }) => key === second)?.weight).toBe(expected);
  });

  it("turns round where there is nothing left on that side", () => {
    const bfe = new Bfe({ interpretation: { subLayerCollision: "next-higher" } });
    const author = bfe.openSession({ name: "test" });
    author.addSubLayer({ name: "top", weight: 0xffff });
    const next = author.addSubLayer({ name: "top too", weight: 0xffff });
    expect(bfe.policy.subLayers.find(({ key }) => key === next)?.weight).toBe(0xfffe);
  });
});

describe("manyConditions (Q13)", () => {
  const range = (low: number): Condition => ({
    fieldKey: FIELD_KEY.IP_REMOTE_ADDRESS,
    matchType: "FWP_MATCH_RANGE",
    value: { type: "FWP_RANGE_TYPE", low: uint32(low), high: uint32(low + 0x00ff_ffff) },
  });
  const weightOf = (manyConditions: Interpretation["manyConditions"], count: number): bigint => {
    const author = session({ manyConditions });
    const conditions = Array.from({ length: count }, (_, index) => range((index + 1) << 24));
    const id = author.addFilter({
      name: "ranges",
      layer: LAYER_KEY.ALE_AUTH_CONNECT_V4,
      conditions,
      action: { type: "FWP_ACTION_BLOCK" },
    });
    return author.getFilterById(id).effectiveWeight & ((1n << 60n) - 1n);
  };

  it("three ranges earn all there is, or what their widths earn", () => {
    // Each /8 earns a quarter of the field's share.
    expect(weightOf("full", 2)).toBe(weightOf("by-width", 2));
    expect(weightOf("by-width", 3)).toBeLessThan(weightOf("full", 3));
    expect(weightOf("full", 3)).toBe(weightOf("full", 4));
    expect(weightOf("by-width", 4)).toBe(weightOf("full", 4));
  });
});

describe("sameFieldConditions (Q8)", () => {
  const equal = (field: "IP_REMOTE_PORT" | "IP_PROTOCOL", value: FwpValue): Condition => ({
    fieldKey: FIELD_KEY[field],
    matchType: "FWP_MATCH_EQUAL",
    value,
  });
  const [web, secure, tcp] = [
    equal("IP_REMOTE_PORT", uint16(80)),
    equal("IP_REMOTE_PORT", uint16(443)),
    equal("IP_PROTOCOL", uint8(6)),
  ] as const;

  it.each([
    ["any-position", [web, tcp, secure], "block"],
    ["adjacent-only", [web, tcp, secure], "permit"],
    ["any-position", [web, secure, tcp], "block"],
    ["adjacent-only", [web, secure, tcp], "block"],
  ] as const)("%s: %#", (sameFieldConditions, conditions, verdict) => {
    const bfe = new Bfe({ interpretation: { sameFieldConditions } });
    const layer = bfe.engine.layer(LAYER_KEY.ALE_AUTH_CONNECT_V4);
    bfe.openSession().addFilter({ name: "ports", layer: LAYER_KEY.ALE_AUTH_CONNECT_V4, conditions, action: { type: "FWP_ACTION_BLOCK" } });
    const values = layer?.fields.map(({ name }) => (name === "IP_REMOTE_PORT" ? uint16(443) : name === "IP_PROTOCOL" ? uint8(6) : EMPTY));
    expect(layer && bfe.engine.classify(layer, values ?? []).verdict).toBe(verdict);
  });
});

describe("fastLayerActions (Q21)", () => {
  const add = (fastLayerActions: Interpretation["fastLayerActions"]) => () =>
    session({ fastLayerActions }).addFilter({
      name: "block",
      layer: LAYER_KEY.INBOUND_TRANSPORT_FAST,
      action: { type: "FWP_ACTION_BLOCK" },
    });

  it("inspection-only: other actions are refused", () => {
    expect(add("inspection-only")).toThrow("FWP_E_ACTION_INCOMPATIBLE_WITH_LAYER");
  });

  it("any: they are taken", () => {
    expect(add("any")).not.toThrow();
  });
});
