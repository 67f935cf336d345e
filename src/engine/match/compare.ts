import type { FwpValue } from "../../model/index.ts";
import { compareBytes } from "./bytes.ts";
import { known } from "./kleene.ts";
import type { BytesValue, ValueTest } from "./value-test.ts";

/**
 * Order of two values of one sortable type: negative, zero or positive; NaN where they have no order, which every comparison with
 * zero answers with false. Strings go by UTF-16 code unit, byte arrays from byte 0, so network order (WFP-SEMANTICS 2.3).
 */
export function compareValues(a: FwpValue, b: FwpValue): number {
  if (a.type !== b.type) return Number.NaN;
  switch (a.type) {
    case "FWP_UINT8":
    case "FWP_UINT16":
    case "FWP_UINT32":
    case "FWP_INT8":
    case "FWP_INT16":
    case "FWP_INT32":
    case "FWP_FLOAT":
    case "FWP_DOUBLE":
    case "FWP_BITMAP_INDEX_TYPE":
      return a.value - (b as typeof a).value;
    case "FWP_UINT64":
    case "FWP_INT64":
    case "FWP_UNICODE_STRING_TYPE": {
      const other = (b as typeof a).value;
      return a.value === other ? 0 : a.value < other ? -1 : 1;
    }
    case "FWP_BYTE_ARRAY16_TYPE":
    case "FWP_BYTE_ARRAY6_TYPE":
    case "FWP_BYTE_BLOB_TYPE":
      return compareBytes(a.value, (b as BytesValue).value);
    default:
      return Number.NaN;
  }
}

export function greaterTest(condition: FwpValue): ValueTest {
  return (value) => known(compareValues(value, condition) > 0);
}

export function lessTest(condition: FwpValue): ValueTest {
  return (value) => known(compareValues(value, condition) < 0);
}

export function greaterOrEqualTest(condition: FwpValue): ValueTest {
  return (value) => known(compareValues(value, condition) >= 0);
}

export function lessOrEqualTest(condition: FwpValue): ValueTest {
  return (value) => known(compareValues(value, condition) <= 0);
}
