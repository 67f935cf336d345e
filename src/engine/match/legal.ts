import type { Condition, DataType, FieldType, FwpValue, MatchType, WfpErrorName } from "../../model/index.ts";
import { compareValues } from "./compare.ts";

/** S:fwp_match_type: all integers, BYTE_ARRAY16, BYTE_BLOB, UNICODE_STRING. */
const sortable: ReadonlySet<string> = new Set([
  "FWP_UINT8",
  "FWP_UINT16",
  "FWP_UINT32",
  "FWP_UINT64",
  "FWP_INT8",
  "FWP_INT16",
  "FWP_INT32",
  "FWP_INT64",
  "FWP_BYTE_ARRAY16_TYPE",
  "FWP_BYTE_BLOB_TYPE",
  "FWP_UNICODE_STRING_TYPE",
]);

const unsigned: ReadonlySet<string> = new Set(["FWP_UINT8", "FWP_UINT16", "FWP_UINT32", "FWP_UINT64"]);

/** Whether values of `type` have an order, so that GREATER, RANGE and the like apply (WFP-SEMANTICS 2.3). */
export function isSortable(type: DataType): boolean {
  return sortable.has(type);
}

/** Whether a condition value of type `value` may stand on a field: types are strict but for three pairs (WFP-SEMANTICS 2.3). */
export function isTypeLegal(field: { readonly dataType: DataType; readonly fieldType: FieldType }, value: FwpValue): boolean {
  switch (value.type) {
    case "FWP_EMPTY":
      return true;
    case "FWP_V4_ADDR_MASK":
      return field.dataType === "FWP_UINT32" && field.fieldType === "IP_ADDRESS";
    case "FWP_V6_ADDR_MASK":
      return field.dataType === "FWP_BYTE_ARRAY16_TYPE" && field.fieldType === "IP_ADDRESS";
    case "FWP_SECURITY_DESCRIPTOR_TYPE":
      return field.dataType === "FWP_TOKEN_ACCESS_INFORMATION_TYPE" || field.dataType === "FWP_TOKEN_INFORMATION_TYPE";
    case "FWP_BITMAP_ARRAY64_TYPE":
      return field.dataType === "FWP_BITMAP_INDEX_TYPE" || field.dataType === value.type;
    case "FWP_RANGE_TYPE":
      return value.low.type === field.dataType;
    default:
      return value.type === field.dataType;
  }
}

/** Whether a match type may stand with a condition value (WFP-SEMANTICS 2.3). */
export function isMatchTypeLegal(matchType: MatchType, value: FwpValue): boolean {
  const { type } = value;
  switch (matchType) {
    case "FWP_MATCH_EQUAL":
      return type !== "FWP_RANGE_TYPE";
    case "FWP_MATCH_NOT_EQUAL":
      // The text says sortable types only; SIDs are seen on every Windows, and a mask stands on a sortable field.
      return isSortable(type) || type === "FWP_SID" || type === "FWP_V4_ADDR_MASK" || type === "FWP_V6_ADDR_MASK";
    case "FWP_MATCH_GREATER":
    case "FWP_MATCH_LESS":
    case "FWP_MATCH_GREATER_OR_EQUAL":
    case "FWP_MATCH_LESS_OR_EQUAL":
      return isSortable(type);
    case "FWP_MATCH_RANGE":
      return type === "FWP_RANGE_TYPE" && isSortable(value.low.type);
    case "FWP_MATCH_FLAGS_ALL_SET":
    case "FWP_MATCH_FLAGS_ANY_SET":
    case "FWP_MATCH_FLAGS_NONE_SET":
      return unsigned.has(type);
    case "FWP_MATCH_EQUAL_CASE_INSENSITIVE":
      return type === "FWP_UNICODE_STRING_TYPE";
    case "FWP_MATCH_PREFIX":
    case "FWP_MATCH_NOT_PREFIX":
      return type === "FWP_BYTE_BLOB_TYPE" || type === "FWP_UNICODE_STRING_TYPE";
    default:
      return false;
  }
}

/** Ones from the left, then zeros. */
export function isContiguousMask(mask: number): boolean {
  const inverse = ~mask >>> 0;
  return (inverse & (inverse + 1)) === 0;
}

/**
 * What Windows answers to a condition on a field: the error's name and what is wrong; undefined if it takes it. Structure is judged
 * before types, types before the match type (WFP-SEMANTICS 1.10).
 */
export function conditionFault(
  condition: Condition,
  field: { readonly name: string; readonly dataType: DataType; readonly fieldType: FieldType },
): { readonly code: WfpErrorName; readonly detail: string } | undefined {
  const { value, matchType } = condition;
  if (value.type === "FWP_RANGE_TYPE" && (value.low.type !== value.high.type || compareValues(value.low, value.high) > 0)) {
    return { code: "FWP_E_INVALID_RANGE", detail: `the range on ${field.name} has its ends reversed or of different types` };
  }
  if (value.type === "FWP_V4_ADDR_MASK" && !isContiguousMask(value.mask)) {
    return { code: "FWP_E_INVALID_NET_MASK", detail: `the mask on ${field.name} is not contiguous` };
  }
  if (value.type === "FWP_V6_ADDR_MASK" && !(value.prefixLength >= 0 && value.prefixLength <= 128)) {
    return { code: "FWP_E_INVALID_NET_MASK", detail: `the prefix length on ${field.name} is not in 0..128` };
  }
  if (!isTypeLegal(field, value)) {
    return { code: "FWP_E_TYPE_MISMATCH", detail: `${field.name} is ${field.dataType}, the condition is ${value.type}` };
  }
  if (!isMatchTypeLegal(matchType, value)) {
    return { code: "FWP_E_MATCH_TYPE_MISMATCH", detail: `${matchType} does not apply to ${value.type} (${field.name})` };
  }
  return undefined;
}
