import { describe, expect, it } from "vitest";
import { autoWeight, effectiveWeight, guessSchemaFamily } from "../../src/engine/index.ts";
import { type Filter, layersOfFamily, type SchemaFamily, uint16 } from "../../src/model/index.ts";
import { AUTH_CONNECT, addFilter, condition, open } from "./bfe-lab.ts";

/** Filters as a machine of `family` would weigh them. */
function weighed(family: SchemaFamily, filters: readonly Filter[]): Filter[] {
  const layers = new Map(layersOfFamily(family).map((layer) => [layer.key, layer]));
  return filters.map((filter) => {
    const layer = layers.get(filter.layerKey);
    if (layer === undefined) return filter;
    return { ...filter, effectiveWeight: effectiveWeight(filter.weight, autoWeight(layer, filter.conditions, family).weight) };
  });
}

function sample(): readonly Filter[] {
  const { bfe, session } = open();
  const app = condition("ALE_APP_ID", { type: "FWP_BYTE_BLOB_TYPE", value: Uint8Array.of(97, 0, 0, 0) });
  addFilter(session, "one", { layer: AUTH_CONNECT, conditions: [app, condition("IP_LOCAL_PORT", uint16(80))] });
  addFilter(session, "two", { layer: AUTH_CONNECT, conditions: [condition("IP_REMOTE_PORT", uint16(80))] });
  addFilter(session, "exact", { conditions: [app], weight: { type: "FWP_UINT64", value: 1n } });
  addFilter(session, "bare", {});
  return bfe.policy.filters;
}

describe("guessSchemaFamily", () => {
  it.each(["B", "C", "D"] as const)("tells family %s by its weights", (family) => {
    const conditions = [condition("IP_PROTOCOL", { type: "FWP_UINT8", value: 6 })];
    const { bfe, session } = open();
    addFilter(session, "protocol", { conditions });
    expect(guessSchemaFamily(weighed(family, [...sample(), ...bfe.policy.filters]))).toBe(family);
  });

  it("reads A as B, which weighs alike", () => {
    expect(guessSchemaFamily(weighed("A", sample()))).toBe("B");
  });

  it("takes filters that tell nothing for those of a current Windows", () => {
    expect(guessSchemaFamily([])).toBe("C");
    expect(guessSchemaFamily(sample().filter(({ name }) => name === "exact" || name === "bare"))).toBe("C");
  });
});
