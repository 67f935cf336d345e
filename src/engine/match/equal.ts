import { type FwpValue, unreachable } from "../../model/index.ts";
import { accessTest } from "./access.ts";
import { v4MaskTest, v6MaskTest } from "./address-mask.ts";
import { sameBytes } from "./bytes.ts";
import { FALSE, known, TRUE } from "./kleene.ts";
import type { BytesValue, NumberValue, ValueTest } from "./value-test.ts";

/** FWP_MATCH_EQUAL (WFP-SEMANTICS 2.3): equality, masked equality, or an access check, by the condition's type. */
export function equalTest(condition: FwpValue): ValueTest {
  switch (condition.type) {
    case "FWP_EMPTY":
      return () => FALSE;
    case "FWP_UINT8":
    case "FWP_UINT16":
    case "FWP_UINT32":
    case "FWP_INT8":
    case "FWP_INT16":
    case "FWP_INT32":
    case "FWP_FLOAT":
    case "FWP_DOUBLE":
    case "FWP_BITMAP_INDEX_TYPE": {
      const { type, value: expected } = condition;
      return (value) => (value.type === type && (value as NumberValue).value === expected ? TRUE : FALSE);
    }
    case "FWP_UINT64":
    case "FWP_INT64":
    case "FWP_SID":
    case "FWP_UNICODE_STRING_TYPE": {
      const { type, value: expected } = condition;
      return (value) => (value.type === type && value.value === expected ? TRUE : FALSE);
    }
    case "FWP_BYTE_ARRAY16_TYPE":
    case "FWP_BYTE_ARRAY6_TYPE":
    case "FWP_BYTE_BLOB_TYPE": {
      const { type, value: expected } = condition;
      return (value) => (value.type === type && sameBytes((value as BytesValue).value, expected) ? TRUE : FALSE);
    }
    case "FWP_BITMAP_ARRAY64_TYPE": {
      // fwptypes.h: the index names a bit of the condition's 64-bit array.
      const bits = condition.value;
      return (value) => {
        if (value.type === "FWP_BITMAP_INDEX_TYPE") return known(((bits >> BigInt(value.value)) & 1n) === 1n);
        return known(value.type === "FWP_BITMAP_ARRAY64_TYPE" && value.value === bits);
      };
    }
    case "FWP_SECURITY_DESCRIPTOR_TYPE":
      return accessTest(condition);
    case "FWP_TOKEN_INFORMATION_TYPE":
    case "FWP_TOKEN_ACCESS_INFORMATION_TYPE": {
      const { type, value: expected } = condition;
      return (value) => known(value.type === type && value.value === expected);
    }
    case "FWP_V4_ADDR_MASK":
      return v4MaskTest(condition);
    case "FWP_V6_ADDR_MASK":
      return v6MaskTest(condition);
    case "FWP_RANGE_TYPE":
      return () => FALSE;
    default:
      return unreachable(condition);
  }
}
