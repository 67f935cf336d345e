import { bitsOf, type FwpValue, isDataType, isSid, type SecurityDescriptor, WfpError } from "../model/index.ts";

/**
 * What BFE checks of a condition value before it looks at the field (WFP-SEMANTICS 1.10). Callers in TypeScript can make few of these
 * mistakes; values that were read from text or JSON can.
 * @throws WfpError FWP_E_INVALID_ENUMERATOR for an unknown data type, FWP_E_NULL_POINTER for a missing value, FWP_E_OUT_OF_BOUNDS for a
 * number that its type cannot hold, ERROR_INVALID_SECURITY_DESCR.
 */
export function checkConditionValue(value: FwpValue): void {
  if (!isDataType(value.type)) throw new WfpError("FWP_E_INVALID_ENUMERATOR", `${String((value as FwpValue).type)} is no data type`);
  switch (value.type) {
    case "FWP_EMPTY":
      return;
    case "FWP_RANGE_TYPE":
      requirePointer(value.low, value.type);
      requirePointer(value.high, value.type);
      checkConditionValue(value.low);
      checkConditionValue(value.high);
      return;
    case "FWP_V4_ADDR_MASK":
      requirePointer(value.address, value.type);
      requirePointer(value.mask, value.type);
      requireUnsigned(value.address, 32);
      requireUnsigned(value.mask, 32);
      return;
    case "FWP_V6_ADDR_MASK":
      requirePointer(value.address, value.type);
      requireLength(value.address, 16);
      return;
    default:
      requirePointer(value.value, value.type);
      checkSingle(value);
  }
}

function checkSingle(
  value: Exclude<FwpValue, { readonly type: "FWP_EMPTY" | "FWP_RANGE_TYPE" | "FWP_V4_ADDR_MASK" | "FWP_V6_ADDR_MASK" }>,
): void {
  switch (value.type) {
    case "FWP_UINT8":
    case "FWP_UINT16":
    case "FWP_UINT32":
    case "FWP_UINT64":
      requireUnsigned(value.value, bitsOf(value.type) ?? 0);
      return;
    case "FWP_BYTE_ARRAY16_TYPE":
      requireLength(value.value, 16);
      return;
    case "FWP_BYTE_ARRAY6_TYPE":
      requireLength(value.value, 6);
      return;
    case "FWP_SECURITY_DESCRIPTOR_TYPE":
      if (!isValid(value.value)) throw new WfpError("ERROR_INVALID_SECURITY_DESCR", "the condition's security descriptor is not valid");
      return;
    default:
      return;
  }
}

/** Numbers of 64 bits, arrays, blobs, SIDs and the like are pointers in FWP_CONDITION_VALUE0, and may be null there. */
function requirePointer(value: unknown, type: string): void {
  if (value === null || value === undefined) throw new WfpError("FWP_E_NULL_POINTER", `the condition's ${type} is missing`);
}

function requireUnsigned(value: number | bigint, bits: number): void {
  const isWhole = typeof value === "bigint" || Number.isInteger(value);
  if (!isWhole || value < 0 || BigInt(value) >= 1n << BigInt(bits)) {
    throw new WfpError("FWP_E_OUT_OF_BOUNDS", `${value} is no unsigned number of ${bits} bits`);
  }
}

function requireLength({ length }: Uint8Array, wanted: number): void {
  if (length !== wanted) throw new WfpError("FWP_E_INVALID_PARAMETER", `the condition has ${length} bytes where its type has ${wanted}`);
}

/** Whether a self-relative descriptor could be written: every SID in it is one. Owner and group may be left to default. */
function isValid({ owner, group, dacl = [] }: SecurityDescriptor): boolean {
  const sids = [owner, group, ...dacl.map((ace) => ace.sid)];
  return sids.every((sid) => sid === undefined || isSid(sid));
}
