import type { Interpretation } from "../model/index.ts";
import type { TestSource } from "./evaluate-filter.ts";
import { conditionKey } from "./match/condition-key.ts";
import { type ConditionTest, conditionTest } from "./match/condition-test.ts";
import { MAYBE } from "./match/kleene.ts";

/**
 * Compiles each distinct condition once: hundreds of filters ask for the same access check, protocol or port. The fields they stand on
 * do not matter. Returns a source to compile filters with.
 */
export function sharedTests(interpretation: Interpretation): TestSource {
  const known = new Map<string, ConditionTest>();
  return (filter, position) => {
    const condition = filter.conditions[position];
    if (condition === undefined) return () => MAYBE;
    const key = conditionKey(condition);
    if (key === undefined) return conditionTest(condition, interpretation.emptyMatchesNegation);
    const shared = known.get(key);
    if (shared !== undefined) return shared;
    const test = conditionTest(condition, interpretation.emptyMatchesNegation);
    known.set(key, test);
    return test;
  };
}
