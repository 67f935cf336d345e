import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { autoWeight, buildPolicy, verifyWeights } from "../../src/engine/index.ts";
import { layerName } from "../../src/model/index.ts";
import { decodeText, readNetsh } from "../../src/sources/index.ts";
import { WEIGHT_VECTORS, weightVectors } from "../conformance/weight-vectors.ts";

const dumps = new URL("../../../shared/data/wfp/", import.meta.url);

describe.skipIf(!existsSync(WEIGHT_VECTORS))("recorded automatic weights", () => {
  it("are reproduced, all 751 of them", () => {
    const vectors = weightVectors();
    expect(vectors).toHaveLength(751);
    const wrong = vectors
      .map((vector) => ({ ...vector, got: autoWeight(vector.layer, vector.conditions, vector.family) }))
      .filter(({ got, low60 }) => got.weight !== low60);
    expect(wrong.map(({ text, got }) => `${text}, not 0x${got.weight.toString(16)}`)).toEqual([]);
  });

  it("count as verified: each stands on fields that recordings pin", () => {
    const unverified = weightVectors().filter((vector) => !autoWeight(vector.layer, vector.conditions, vector.family).verified);
    expect(unverified.map(({ text }) => text)).toEqual([]);
  });
});

describe.skipIf(!existsSync(dumps))("effective weights of recorded policies", () => {
  it.each(existsSync(dumps) ? readdirSync(dumps).filter((name) => name.endsWith(".xml")) : [])("%s: every one is explained", (name) => {
    const policy = buildPolicy(readNetsh(decodeText(readFileSync(new URL(name, dumps))), { source: name }));
    const report = verifyWeights(policy);
    const odd = report.details.filter((check) => !check.verified || !check.exact);
    expect(
      odd.map(
        ({ filter, expected, verified }) =>
          `${layerName(filter.layerKey)} filter ${filter.filterId}: 0x${filter.effectiveWeight.toString(16)}, computed 0x${expected.toString(16)}, ${verified ? "verified" : "unverified"}`,
      ),
    ).toEqual([]);
    expect(report).toMatchObject({ filters: policy.filters.length, exact: policy.filters.length, wrong: 0, unverified: 0 });
    expect(report.filters).toBeGreaterThan(200);
  });
});
