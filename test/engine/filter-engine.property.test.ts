import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { collectTrace, FilterEngine } from "../../src/engine/index.ts";
import { DEFAULT_INTERPRETATION, type Decision, type FieldValue, type Interpretation, UNKNOWN } from "../../src/model/index.ts";
import { callouts, type Situation, situation, valuesFor } from "./arbitraries.ts";
import { type NaiveDecision, naiveClassify } from "./naive-evaluator.ts";

const interpretations: fc.Arbitrary<Interpretation> = fc
  .record({
    equalWeights: fc.constantFrom("newest-first" as const, "oldest-first" as const),
    emptyMatchesNegation: fc.boolean(),
    sameFieldConditions: fc.constantFrom("any-position" as const, "adjacent-only" as const),
    undecidedTerminatingCallout: fc.constantFrom("continue" as const, "block" as const),
  })
  .map((choice) => ({ ...DEFAULT_INTERPRETATION, ...choice }));

const summary = (decision: Decision): object => ({
  verdict: decision.verdict,
  code: decision.code,
  filterId: decision.filter?.filterId ?? null,
  absorbed: decision.absorbed,
});

/** What is compared of an engine's answer: everything but objects that differ by identity only. */
const whole = (decision: Decision): object => ({
  ...summary(decision),
  alternatives: decision.alternatives.map(({ verdict, code, filter }) => ({ verdict, code, filterId: filter?.filterId ?? null })),
  dependsOn: decision.dependsOn,
});

function engines({ policy, scripts }: Situation, interpretation: Interpretation): { plain: FilterEngine; indexed: FilterEngine } {
  const options = { interpretation, callouts: callouts(scripts) };
  return {
    plain: new FilterEngine(policy, { ...options, indexed: false }),
    indexed: new FilterEngine(policy, { ...options, minIndexedFilters: 1 }),
  };
}

describe("FilterEngine", () => {
  it("decides as the specification's pseudo-code does, with and without the index", () => {
    fc.assert(
      fc.property(situation(24), interpretations, fc.constantFrom("boot" as const, "running" as const), (sketch, interpretation, phase) => {
        const { policy, layer, values, scripts } = sketch;
        const expected: NaiveDecision = naiveClassify(policy, layer, values, interpretation, scripts, phase);
        for (const engine of Object.values(engines(sketch, interpretation))) {
          engine.setPhase(phase);
          expect(summary(engine.classify(layer, values))).toEqual(expected);
          // The second time the index answers from what it kept.
          expect(summary(engine.classify(layer, values))).toEqual(expected);
          expect(summary(collectTrace(engine, layer, values, { metadata: {} }, { filters: true }).decision)).toEqual(expected);
        }
      }),
      { numRuns: 1500 },
    );
  });

  it("uses the index without a difference, unknown fields and many values included", () => {
    fc.assert(
      fc.property(
        situation(80).chain((sketch) =>
          fc.tuple(
            fc.constant(sketch),
            fc.array(fc.tuple(valuesFor(sketch.layer), fc.infiniteStream(fc.integer({ min: 0, max: 9 }))), { minLength: 3, maxLength: 6 }),
          ),
        ),
        interpretations,
        ([sketch, samples], interpretation) => {
          const { plain, indexed } = engines(sketch, interpretation);
          for (const [values, stream] of samples) {
            const dice = stream[Symbol.iterator]();
            const partial = values.map((value): FieldValue => (dice.next().value === 0 ? UNKNOWN : value));
            expect(whole(indexed.classify(sketch.layer, partial))).toEqual(whole(plain.classify(sketch.layer, partial)));
          }
        },
      ),
      { numRuns: 400 },
    );
  });

  it("is never definite about what could be otherwise, and lists every way it can end", () => {
    let definite = 0;
    let indeterminate = 0;
    fc.assert(
      fc.property(
        situation(16).chain((sketch) =>
          fc.tuple(
            fc.constant(sketch),
            fc.array(fc.boolean(), { minLength: sketch.values.length, maxLength: sketch.values.length }),
            fc.array(valuesFor(sketch.layer), { minLength: 1, maxLength: 4 }),
          ),
        ),
        interpretations,
        ([sketch, mask, completions], interpretation) => {
          const { layer, policy, scripts } = sketch;
          const partial = sketch.values.map((value, index): FieldValue => (mask[index] === true ? UNKNOWN : value));
          const decision = engines(sketch, interpretation).indexed.classify(layer, partial);
          if (decision.verdict === "indeterminate") indeterminate++;
          else definite++;
          for (const completion of [sketch.values, ...completions]) {
            const values = partial.map((value, index): FieldValue => (value === UNKNOWN ? (completion[index] ?? UNKNOWN) : value));
            const concrete = naiveClassify(policy, layer, values, interpretation, scripts);
            const ends =
              decision.alternatives.length > 0
                ? decision.alternatives.map(({ verdict, code, filter }) => ({ verdict, code, filterId: filter?.filterId ?? null }))
                : [{ verdict: decision.verdict, code: decision.code, filterId: decision.filter?.filterId ?? null }];
            expect(ends).toContainEqual({ verdict: concrete.verdict, code: concrete.code, filterId: concrete.filterId });
            if (decision.verdict !== "indeterminate") expect(concrete.verdict).toBe(decision.verdict);
          }
          expect(decision.dependsOn.length > 0).toBe(decision.verdict === "indeterminate");
        },
      ),
      { numRuns: 1500 },
    );
    // The property is worth nothing unless both happen.
    expect(definite).toBeGreaterThan(100);
    expect(indeterminate).toBeGreaterThan(100);
  });

  it("counts everything an opaque callout may do among the alternatives", () => {
    fc.assert(
      fc.property(situation(16), interpretations, (sketch, interpretation) => {
        const { layer, policy, values, scripts } = sketch;
        // Only decisions are possible that a real callout could take: a terminating one decides, and nobody says whether it absorbs.
        const honest = new Map([...scripts].filter(([, each]) => each.action !== "none" && each.action !== "continue" && !each.absorb));
        if (honest.size !== scripts.size) return;
        const opaque = new FilterEngine(policy, { interpretation });
        const decision = opaque.classify(layer, values);
        const concrete = naiveClassify(policy, layer, values, interpretation, scripts);
        const ends =
          decision.alternatives.length > 0
            ? decision.alternatives.map(({ verdict, code, filter }) => ({ verdict, code, filterId: filter?.filterId ?? null }))
            : [{ verdict: decision.verdict, code: decision.code, filterId: decision.filter?.filterId ?? null }];
        expect(ends).toContainEqual({ verdict: concrete.verdict, code: concrete.code, filterId: concrete.filterId });
      }),
      { numRuns: 800 },
    );
  });
});
