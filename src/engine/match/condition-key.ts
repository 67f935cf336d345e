import type { Condition, FwpValue } from "../../model/index.ts";
import { unreachable } from "../../model/index.ts";

function characters(bytes: Uint8Array): string {
  let text = "";
  for (let index = 0; index < bytes.length; index++) text += String.fromCharCode(bytes[index] ?? 0);
  return text;
}

function valueKey(value: FwpValue): string | undefined {
  switch (value.type) {
    case "FWP_EMPTY":
      return "";
    case "FWP_BYTE_ARRAY16_TYPE":
    case "FWP_BYTE_ARRAY6_TYPE":
    case "FWP_BYTE_BLOB_TYPE":
      return characters(value.value);
    case "FWP_V4_ADDR_MASK":
      return `${value.address}/${value.mask}`;
    case "FWP_V6_ADDR_MASK":
      return `${characters(value.address)}/${value.prefixLength}`;
    case "FWP_RANGE_TYPE": {
      const low = valueKey(value.low);
      const high = valueKey(value.high);
      return low === undefined || high === undefined ? undefined : `${value.low.type} ${low.length} ${low} ${value.high.type} ${high}`;
    }
    case "FWP_SECURITY_DESCRIPTOR_TYPE": {
      const { owner, group, dacl } = value.value;
      if (dacl?.some((ace) => ace.condition !== undefined) === true) return undefined;
      const aces = dacl?.map(({ kind, flags, mask, sid }) => `${kind} ${flags.join(" ")} ${mask} ${sid}`);
      return [owner ?? "", group ?? "", ...(aces ?? ["null"])].join("|");
    }
    case "FWP_TOKEN_INFORMATION_TYPE":
    case "FWP_TOKEN_ACCESS_INFORMATION_TYPE":
      return undefined;
    case "FWP_SID":
    case "FWP_UNICODE_STRING_TYPE":
      return value.value;
    case "FWP_UINT8":
    case "FWP_UINT16":
    case "FWP_UINT32":
    case "FWP_UINT64":
    case "FWP_INT8":
    case "FWP_INT16":
    case "FWP_INT32":
    case "FWP_INT64":
    case "FWP_FLOAT":
    case "FWP_DOUBLE":
    case "FWP_BITMAP_INDEX_TYPE":
    case "FWP_BITMAP_ARRAY64_TYPE":
      return String(value.value);
    default:
      return unreachable(value);
  }
}

/** A text that is the same for conditions which test the same; undefined where telling would cost more than sharing gains. */
export function conditionKey(condition: Condition): string | undefined {
  const key = valueKey(condition.value);
  return key === undefined ? undefined : `${condition.matchType} ${condition.value.type} ${key}`;
}
