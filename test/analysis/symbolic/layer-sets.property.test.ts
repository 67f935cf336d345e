import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FALSE } from "../../../src/analysis/index.ts";
import { FilterEngine } from "../../../src/engine/index.ts";
import { DEFAULT_INTERPRETATION, type FieldValue, type Interpretation, UNKNOWN } from "../../../src/model/index.ts";
import { situation, valuesFor } from "../../engine/arbitraries.ts";
import { compared, disagreement } from "../agreement.ts";

const interpretations: fc.Arbitrary<Interpretation> = fc
  .record({
    equalWeights: fc.constantFrom("newest-first" as const, "oldest-first" as const),
    emptyMatchesNegation: fc.boolean(),
    sameFieldConditions: fc.constantFrom("any-position" as const, "adjacent-only" as const),
  })
  .map((choice) => ({ ...DEFAULT_INTERPRETATION, ...choice }));

/** A policy of every match type, data type and action, and packets that meet its conditions often. */
const sketches = situation(16).chain((sketch) =>
  fc.tuple(fc.constant(sketch), fc.array(valuesFor(sketch.layer), { minLength: 12, maxLength: 12 })),
);

describe("layerSets", () => {
  it("says of every packet what the engine says, deciders included", () => {
    fc.assert(
      fc.property(sketches, interpretations, ([{ policy, layer }, packets], interpretation) => {
        const both = compared(new FilterEngine(policy, { interpretation }), layer);
        for (const values of packets) expect(disagreement(both, values)).toBeUndefined();
      }),
      { numRuns: 800 },
    );
  });

  it("leaves no packet out and has none twice", () => {
    fc.assert(
      fc.property(sketches, ([{ policy, layer }]) => {
        const { space, sets } = compared(new FilterEngine(policy), layer);
        const { bdd, possible } = space;
        expect(bdd.or(bdd.or(sets.permit, sets.block), sets.open)).toBe(possible);
        expect(bdd.or(bdd.or(bdd.and(sets.permit, sets.block), bdd.and(sets.permit, sets.open)), bdd.and(sets.block, sets.open))).toBe(
          FALSE,
        );
        const decided = [...sets.decided.values(), sets.undecided].reduce((all, set) => bdd.or(all, set), FALSE);
        expect(decided).toBe(possible);
      }),
      { numRuns: 200 },
    );
  });

  it("holds all that a packet with unknown fields can become, where the engine is definite about it", () => {
    fc.assert(
      fc.property(sketches, fc.infiniteStream(fc.integer({ min: 0, max: 3 })), ([{ policy, layer }, packets], stream) => {
        const { engine, space, sets } = compared(new FilterEngine(policy), layer);
        const dice = stream[Symbol.iterator]();
        for (const values of packets) {
          const partial = values.map((value): FieldValue => (dice.next().value === 0 ? UNKNOWN : value));
          const here = space.known(layer, partial);
          const { verdict } = engine.classify(layer, partial);
          if (verdict === "permit") expect(space.bdd.implies(here, sets.permit)).toBe(true);
          if (verdict === "block") expect(space.bdd.implies(here, sets.block)).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  });
});
