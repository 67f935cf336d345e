import type { FwpValue } from "../model/index.ts";

/** An unsigned integer or byte array as one number, so that intervals of every width are computed alike; undefined for other types. */
export function numericValue(value: FwpValue): bigint | undefined {
  switch (value.type) {
    case "FWP_UINT8":
    case "FWP_UINT16":
    case "FWP_UINT32":
      return BigInt(value.value);
    case "FWP_UINT64":
      return value.value;
    case "FWP_BYTE_ARRAY16_TYPE":
    case "FWP_BYTE_ARRAY6_TYPE":
      return value.value.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
    default:
      return undefined;
  }
}
