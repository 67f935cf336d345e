import { describe, expect, it } from "vitest";
import { generatePolicy, generateTraffic } from "../../bench/policies.ts";
import { seededRandom } from "../../bench/random.ts";
import { FilterEngine } from "../../src/engine/index.ts";
import { type Decision, EMPTY, FIELD_KEY, type FieldValue, UNKNOWN, uint32 } from "../../src/model/index.ts";
import { BLOCK, filter, layerNamed, policy } from "./policy-lab.ts";

const summary = ({ verdict, code, filter: decider, alternatives, dependsOn }: Decision): object => ({
  verdict,
  code,
  id: decider?.filterId,
  alternatives: alternatives.map((end) => [end.verdict, end.code, end.filter?.filterId]),
  dependsOn,
});

describe("LayerIndex", () => {
  it("changes no decision over thousands of filters, whether values are known, empty or unknown", () => {
    const { policy: generated, layer } = generatePolicy(3_000, 7);
    const indexed = new FilterEngine(generated);
    const plain = new FilterEngine(generated, { indexed: false });
    const random = seededRandom(11);
    for (const [index, values] of generateTraffic(layer, 600, 13).entries()) {
      const missing = index % 3 === 0 ? 0 : 0.03;
      const partial = values.map((value): FieldValue => (random.chance(missing) ? (random.chance(0.5) ? UNKNOWN : EMPTY) : value));
      expect(summary(indexed.classify(layer, partial))).toEqual(summary(plain.classify(layer, partial)));
    }
  });

  it("starts over when open-ended fields have shown too many values, without a change", () => {
    const layer = layerNamed("ALE_AUTH_CONNECT_V4");
    const filters = Array.from({ length: 20 }, (_, bit) =>
      filter({
        id: bit + 1,
        action: BLOCK,
        weight: BigInt(bit),
        conditions: [{ fieldKey: FIELD_KEY.FLAGS, matchType: "FWP_MATCH_FLAGS_ALL_SET", value: uint32(1 << bit) }],
      }),
    );
    const engine = new FilterEngine(policy(filters), { minIndexedFilters: 1 });
    const at = layer.fields.findIndex(({ key }) => key === FIELD_KEY.FLAGS);
    for (let flags = 1; flags < 10_000; flags++) {
      const values = layer.fields.map((_, index): FieldValue => (index === at ? uint32(flags) : EMPTY));
      // The heaviest filter whose bit is set.
      expect(engine.classify(layer, values).filter?.filterId).toBe(BigInt(32 - Math.clz32(flags)));
    }
  });
});
