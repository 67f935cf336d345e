import type { SecurityDescriptor } from "./security-descriptor.ts";
import type { Sid } from "./sid.ts";
import type { Token } from "./token.ts";

/** FWP_VALUE0 and FWP_CONDITION_VALUE0: a value and its FWP_DATA_TYPE. IPv4 addresses are UINT32 in host order, IPv6 ones 16 bytes in network order. */
export type FwpValue =
  | { readonly type: "FWP_EMPTY" }
  | { readonly type: "FWP_UINT8" | "FWP_UINT16" | "FWP_UINT32" | "FWP_INT8" | "FWP_INT16" | "FWP_INT32"; readonly value: number }
  | { readonly type: "FWP_FLOAT" | "FWP_DOUBLE"; readonly value: number }
  | { readonly type: "FWP_UINT64" | "FWP_INT64"; readonly value: bigint }
  | { readonly type: "FWP_BYTE_ARRAY16_TYPE" | "FWP_BYTE_ARRAY6_TYPE" | "FWP_BYTE_BLOB_TYPE"; readonly value: Uint8Array }
  | { readonly type: "FWP_SID"; readonly value: Sid }
  | { readonly type: "FWP_SECURITY_DESCRIPTOR_TYPE"; readonly value: SecurityDescriptor }
  | { readonly type: "FWP_TOKEN_INFORMATION_TYPE" | "FWP_TOKEN_ACCESS_INFORMATION_TYPE"; readonly value: Token }
  | { readonly type: "FWP_UNICODE_STRING_TYPE"; readonly value: string }
  | { readonly type: "FWP_BITMAP_INDEX_TYPE"; readonly value: number }
  | { readonly type: "FWP_BITMAP_ARRAY64_TYPE"; readonly value: bigint }
  | { readonly type: "FWP_V4_ADDR_MASK"; readonly address: number; readonly mask: number }
  | { readonly type: "FWP_V6_ADDR_MASK"; readonly address: Uint8Array; readonly prefixLength: number }
  | { readonly type: "FWP_RANGE_TYPE"; readonly low: FwpValue; readonly high: FwpValue };

export type ValueOf<T extends FwpValue["type"]> = Extract<FwpValue, { type: T }>;

/** A field that the stack left empty: a value like any other, known to be absent (WFP-SEMANTICS 2.4). */
export const EMPTY: FwpValue = { type: "FWP_EMPTY" };

/** A field nobody told us about. Not the same as empty: conditions on it evaluate to "unknown". */
export const UNKNOWN = Symbol("unknown");

export type Unknown = typeof UNKNOWN;

/** What a classify call supplies for one field. */
export type FieldValue = FwpValue | Unknown;

export const uint8 = (value: number): FwpValue => ({ type: "FWP_UINT8", value });
export const uint16 = (value: number): FwpValue => ({ type: "FWP_UINT16", value });
export const uint32 = (value: number): FwpValue => ({ type: "FWP_UINT32", value });
export const uint64 = (value: bigint): FwpValue => ({ type: "FWP_UINT64", value });
export const byteArray16 = (value: Uint8Array): FwpValue => ({ type: "FWP_BYTE_ARRAY16_TYPE", value });
export const byteBlob = (value: Uint8Array): FwpValue => ({ type: "FWP_BYTE_BLOB_TYPE", value });
export const sidValue = (value: Sid): FwpValue => ({ type: "FWP_SID", value });
export const securityDescriptor = (value: SecurityDescriptor): FwpValue => ({ type: "FWP_SECURITY_DESCRIPTOR_TYPE", value });
export const tokenAccessInformation = (value: Token): FwpValue => ({ type: "FWP_TOKEN_ACCESS_INFORMATION_TYPE", value });
export const unicodeString = (value: string): FwpValue => ({ type: "FWP_UNICODE_STRING_TYPE", value });
export const v4AddrMask = (address: number, mask: number): FwpValue => ({ type: "FWP_V4_ADDR_MASK", address, mask });
export const v6AddrMask = (address: Uint8Array, prefixLength: number): FwpValue => ({ type: "FWP_V6_ADDR_MASK", address, prefixLength });
export const range = (low: FwpValue, high: FwpValue): FwpValue => ({ type: "FWP_RANGE_TYPE", low, high });
