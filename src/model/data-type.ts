import { DATA_TYPE, type FIELD_TYPE, MATCH_TYPE } from "./tables/flags.ts";

/** FWP_DATA_TYPE by name. */
export type DataType = Exclude<keyof typeof DATA_TYPE, "FWP_SINGLE_DATA_TYPE_MAX">;

/** FWP_MATCH_TYPE by name. */
export type MatchType = keyof typeof MATCH_TYPE;

/** FWPM_FIELD_TYPE by name. */
export type FieldType = keyof typeof FIELD_TYPE;

export function isDataType(name: string): name is DataType {
  return name in DATA_TYPE && name !== "FWP_SINGLE_DATA_TYPE_MAX";
}

export function isMatchType(name: string): name is MatchType {
  return name in MATCH_TYPE;
}

const bits: Partial<Record<DataType, number>> = {
  FWP_UINT8: 8,
  FWP_UINT16: 16,
  FWP_UINT32: 32,
  FWP_UINT64: 64,
  FWP_INT8: 8,
  FWP_INT16: 16,
  FWP_INT32: 32,
  FWP_INT64: 64,
  FWP_BYTE_ARRAY6_TYPE: 48,
  FWP_BYTE_ARRAY16_TYPE: 128,
};

/** Width of a fixed-width type in bits; undefined for blobs, SIDs and the like. */
export function bitsOf(type: DataType): number | undefined {
  return bits[type];
}
