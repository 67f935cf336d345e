import { type Condition, type FieldValue, type FwpValue, type MatchType, UNKNOWN, unreachable } from "../../model/index.ts";
import { equalCaseInsensitiveTest } from "./case-insensitive.ts";
import { greaterOrEqualTest, greaterTest, lessOrEqualTest, lessTest } from "./compare.ts";
import { equalTest } from "./equal.ts";
import { flagsAllSetTest, flagsAnySetTest, flagsNoneSetTest } from "./flags.ts";
import { FALSE, type Kleene, MAYBE, TRUE } from "./kleene.ts";
import { negationTest } from "./negation.ts";
import { prefixTest } from "./prefix.ts";
import { rangeTest } from "./range.ts";
import type { ValueTest } from "./value-test.ts";

/** A compiled condition: what it says of a field's value. */
export type ConditionTest = (value: FieldValue) => Kleene;

/** The comparison of a condition with values that are neither unknown nor empty. */
function valueTest(matchType: MatchType, condition: FwpValue): ValueTest {
  switch (matchType) {
    case "FWP_MATCH_EQUAL":
      return equalTest(condition);
    case "FWP_MATCH_NOT_EQUAL":
      return negationTest(condition, equalTest(condition));
    case "FWP_MATCH_GREATER":
      return greaterTest(condition);
    case "FWP_MATCH_LESS":
      return lessTest(condition);
    case "FWP_MATCH_GREATER_OR_EQUAL":
      return greaterOrEqualTest(condition);
    case "FWP_MATCH_LESS_OR_EQUAL":
      return lessOrEqualTest(condition);
    case "FWP_MATCH_RANGE":
      return rangeTest(condition);
    case "FWP_MATCH_FLAGS_ALL_SET":
      return flagsAllSetTest(condition);
    case "FWP_MATCH_FLAGS_ANY_SET":
      return flagsAnySetTest(condition);
    case "FWP_MATCH_FLAGS_NONE_SET":
      return flagsNoneSetTest(condition);
    case "FWP_MATCH_EQUAL_CASE_INSENSITIVE":
      return equalCaseInsensitiveTest(condition);
    case "FWP_MATCH_PREFIX":
      return prefixTest(condition);
    case "FWP_MATCH_NOT_PREFIX":
      return negationTest(condition, prefixTest(condition));
    default:
      return unreachable(matchType);
  }
}

/** What a condition says of an empty field: nothing but EQUAL FWP_EMPTY is true of it, negations by choice (WFP-SEMANTICS 2.4, Q4). */
function onEmpty(condition: Condition, emptyMatchesNegation: boolean): Kleene {
  if (condition.value.type === "FWP_EMPTY") return condition.matchType === "FWP_MATCH_EQUAL" ? TRUE : FALSE;
  const negation =
    condition.matchType === "FWP_MATCH_NOT_EQUAL" ||
    condition.matchType === "FWP_MATCH_NOT_PREFIX" ||
    condition.matchType === "FWP_MATCH_FLAGS_NONE_SET";
  return negation && emptyMatchesNegation ? TRUE : FALSE;
}

/** Compiles a condition. `emptyMatchesNegation` is {@link Interpretation.emptyMatchesNegation}. */
export function conditionTest(condition: Condition, emptyMatchesNegation: boolean): ConditionTest {
  const test = valueTest(condition.matchType, condition.value);
  const empty = onEmpty(condition, emptyMatchesNegation);
  return (value) => (value === UNKNOWN ? MAYBE : value.type === "FWP_EMPTY" ? empty : test(value));
}
