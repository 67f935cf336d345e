import type { FwpValue } from "../../model/index.ts";
import { isComparable } from "./comparable.ts";
import { FALSE, not } from "./kleene.ts";
import type { ValueTest } from "./value-test.ts";

/** FWP_MATCH_NOT_EQUAL and FWP_MATCH_NOT_PREFIX: the opposite, among values of the condition's type. */
export function negationTest(condition: FwpValue, test: ValueTest): ValueTest {
  return (value) => (isComparable(condition, value) ? not(test(value)) : FALSE);
}
