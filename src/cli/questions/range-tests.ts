import { numberOf, valueAt } from "../../analysis/index.ts";
import type { ProgramTest } from "../../engine/index.ts";
import type { DataType, FwpValue, Guid, NumberRange } from "../../model/index.ts";

/** Conditions of a question: a field lies in one of some ranges. */
export function rangeTests(fieldKey: Guid, type: DataType, ranges: readonly NumberRange[]): readonly ProgramTest[] {
  return ranges.map(({ low, high }) => ({
    condition: {
      fieldKey,
      matchType: "FWP_MATCH_RANGE",
      value: { type: "FWP_RANGE_TYPE", low: valueAt(type, low), high: valueAt(type, high) },
    },
    identity: {},
    truth: (value) => {
      if (typeof value === "symbol") return "unknown";
      return value.type === type && within(value, low, high) ? "true" : "false";
    },
  }));
}

function within(value: FwpValue, low: bigint, high: bigint): boolean {
  const number = numberOf(value);
  return low <= number && number <= high;
}
