import { describe, expect, it } from "vitest";
import { generatePolicy } from "../../../bench/policies.ts";
import { seededRandom } from "../../../bench/random.ts";
import { BudgetExceeded, layerSets, type Node, PacketSpace } from "../../../src/analysis/index.ts";
import { FilterEngine } from "../../../src/engine/index.ts";
import { type Condition, EMPTY, type Field, type FieldValue, type FwpValue, type Layer, range, uint8 } from "../../../src/model/index.ts";
import { A, BLOCK, BQ, filter, guid, layerNamed, PERMIT, policy } from "../../engine/policy-lab.ts";
import { compared } from "../agreement.ts";

/** A layer that no Windows has, with two fields of 8 bits: 257 × 257 packets, for each field may be empty. */
const TOY: Layer = {
  ...layerNamed("ALE_AUTH_CONNECT_V4"),
  key: guid(0xe001),
  name: "TOY",
  fields: [0, 1].map(
    (index): Field => ({
      key: guid(0xf100 + index),
      name: `BYTE_${index}`,
      index,
      dataType: "FWP_UINT8",
      fieldType: "RAW_DATA",
      since: "vista",
    }),
  ),
};
const VALUES: readonly FwpValue[] = [...Array.from({ length: 256 }, (_, value) => uint8(value)), EMPTY];

function toyPolicy(seed: number) {
  const random = seededRandom(seed * 104_729);
  const condition = (): Condition => {
    const low = random.below(256);
    const fieldKey = guid(0xf100 + random.below(2));
    if (random.chance(0.1)) return { fieldKey, matchType: "FWP_MATCH_EQUAL", value: EMPTY };
    if (random.chance(0.4))
      return { fieldKey, matchType: "FWP_MATCH_RANGE", value: range(uint8(low), uint8(Math.min(255, low + random.below(60)))) };
    return { fieldKey, matchType: random.pick(["FWP_MATCH_EQUAL", "FWP_MATCH_NOT_EQUAL", "FWP_MATCH_LESS"] as const), value: uint8(low) };
  };
  const filters = Array.from({ length: 6 }, (_, index) =>
    filter({
      id: index + 1,
      layer: TOY,
      action: random.chance(0.5) ? PERMIT : BLOCK,
      subLayer: random.pick([A, BQ]),
      weight: BigInt(random.below(9)),
      conditions: Array.from({ length: 1 + random.below(3) }, condition),
    }),
  );
  return compared(new FilterEngine(policy(filters, [], [A, BQ], [TOY])), TOY);
}

describe("PacketSpace", () => {
  it("counts the packets of a set exactly, deciders' sets included, as enumerating them does", () => {
    for (let seed = 1; seed <= 8; seed++) {
      const { engine, space, sets } = toyPolicy(seed);
      const counts = new Map<bigint | string, number>();
      const tally = (key: bigint | string) => counts.set(key, (counts.get(key) ?? 0) + 1);
      for (const first of VALUES) {
        for (const second of VALUES) {
          const { verdict, filter: decider } = engine.classify(TOY, [first, second]);
          tally(verdict);
          tally(decider?.filterId ?? "nobody");
        }
      }
      // Fields that no filter looks at are not counted: each of their values is like another.
      const unseen = BigInt(257 ** (2 - space.fields.length));
      const count = (set: Node) => (space.count(set) ?? -1n) * unseen;
      expect(count(space.possible)).toBe(257n * 257n);
      expect(count(sets.permit)).toBe(BigInt(counts.get("permit") ?? 0));
      expect(count(sets.block)).toBe(BigInt(counts.get("block") ?? 0));
      expect(count(sets.undecided)).toBe(BigInt(counts.get("nobody") ?? 0));
      for (const [decider, set] of sets.decided) expect(count(set)).toBe(BigInt(counts.get(decider.filterId) ?? 0));
    }
  });

  it("gives a witness of every set, which the engine judges as the set says", () => {
    for (let seed = 1; seed <= 40; seed++) {
      const { engine, space, sets } = toyPolicy(seed);
      for (const [decider, set] of sets.decided) {
        const cube = space.witness(set);
        expect(cube).toBeDefined();
        const values =
          cube === undefined ? [] : space.values(TOY, cube).map((value): FieldValue => (typeof value === "symbol" ? uint8(0) : value));
        expect(engine.classify(TOY, values).filter?.filterId).toBe(decider.filterId);
      }
    }
  });

  it("ends within its budget for a policy that would need more, and says so", () => {
    const { policy: large, layer } = generatePolicy(400);
    const program = new FilterEngine(large).program(layer);
    const space = new PacketSpace([program], { maxNodes: 200_000 });
    expect(() => layerSets(space, program)).toThrow(BudgetExceeded);
    expect(() => layerSets(space, program)).toThrow("more than 200,000 nodes would be needed");
    expect(space.bdd.size).toBeLessThanOrEqual(200_000);
  });
});
