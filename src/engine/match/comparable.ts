import type { FwpValue } from "../../model/index.ts";

/**
 * Whether a field value has the type that a condition value is compared with. Types are strict but for the address masks and the
 * security descriptor (WFP-SEMANTICS 2.3), so a negated condition is not true of a value it could never have been equal to.
 */
export function isComparable(condition: FwpValue, value: FwpValue): boolean {
  switch (condition.type) {
    case "FWP_EMPTY":
      return true;
    case "FWP_V4_ADDR_MASK":
      return value.type === "FWP_UINT32";
    case "FWP_V6_ADDR_MASK":
      return value.type === "FWP_BYTE_ARRAY16_TYPE";
    case "FWP_SECURITY_DESCRIPTOR_TYPE":
      return value.type === "FWP_TOKEN_ACCESS_INFORMATION_TYPE" || value.type === "FWP_TOKEN_INFORMATION_TYPE";
    case "FWP_BITMAP_ARRAY64_TYPE":
      return value.type === "FWP_BITMAP_INDEX_TYPE" || value.type === condition.type;
    case "FWP_RANGE_TYPE":
      return condition.low.type === value.type;
    default:
      return condition.type === value.type;
  }
}
