import type { FwpValue } from "../../model/index.ts";
import { compareValues } from "./compare.ts";
import { FALSE, known } from "./kleene.ts";
import type { NumberValue, ValueTest } from "./value-test.ts";

/** FWP_MATCH_RANGE: inclusive at both ends (WFP-CONFORMANCE B3). */
export function rangeTest(condition: FwpValue): ValueTest {
  if (condition.type !== "FWP_RANGE_TYPE") return () => FALSE;
  const { low, high } = condition;
  if ((low.type === "FWP_UINT16" || low.type === "FWP_UINT32") && low.type === high.type) {
    const { type, value: from } = low;
    const to = high.value;
    return (value) => {
      if (value.type !== type) return FALSE;
      const number = (value as NumberValue).value;
      return known(number >= from && number <= to);
    };
  }
  return (value) => known(compareValues(value, low) >= 0 && compareValues(value, high) <= 0);
}
