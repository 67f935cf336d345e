import type { FwpValue } from "../../model/index.ts";
import { FALSE, type Kleene, known } from "./kleene.ts";
import type { BigintValue, NumberValue, ValueTest } from "./value-test.ts";

/** Which bits of `mask` are set in the value, shown to `judge` as (bits set, all bits of the mask). */
function flagsTest(condition: FwpValue, judge: (set: number | bigint, mask: number | bigint) => boolean): ValueTest {
  switch (condition.type) {
    case "FWP_UINT8":
    case "FWP_UINT16":
    case "FWP_UINT32": {
      const { type } = condition;
      const mask = condition.value >>> 0;
      return (value): Kleene => (value.type === type ? known(judge(((value as NumberValue).value & mask) >>> 0, mask)) : FALSE);
    }
    case "FWP_UINT64": {
      const mask = condition.value;
      return (value): Kleene => (value.type === "FWP_UINT64" ? known(judge((value as BigintValue).value & mask, mask)) : FALSE);
    }
    default:
      return () => FALSE;
  }
}

// Truthiness tells 0 and 0n from the rest alike.
export const flagsAllSetTest = (condition: FwpValue): ValueTest => flagsTest(condition, (set, mask) => set === mask);
export const flagsAnySetTest = (condition: FwpValue): ValueTest => flagsTest(condition, (set) => Boolean(set));
export const flagsNoneSetTest = (condition: FwpValue): ValueTest => flagsTest(condition, (set) => !set);
