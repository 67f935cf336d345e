import { type DataType, type FwpValue, InternalError } from "../../model/index.ts";

/** Bits of the types whose values are numbers in order: addresses too. */
const BITS: Readonly<Partial<Record<DataType, number>>> = {
  FWP_UINT8: 8,
  FWP_UINT16: 16,
  FWP_UINT32: 32,
  FWP_UINT64: 64,
  FWP_BYTE_ARRAY16_TYPE: 128,
  FWP_BYTE_ARRAY6_TYPE: 48,
};

/** The greatest value of an ordinal type; undefined for types that are no numbers. */
export function greatestOf(type: DataType): bigint | undefined {
  const bits = BITS[type];
  return bits === undefined ? undefined : (1n << BigInt(bits)) - 1n;
}

/** A value of an ordinal type as a number. */
export function numberOf(value: FwpValue): bigint {
  if ("value" in value) {
    if (typeof value.value === "number") return BigInt(value.value);
    if (typeof value.value === "bigint") return value.value;
    if (value.value instanceof Uint8Array) return value.value.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  }
  throw new InternalError(`${value.type} is no number`);
}

/** The value of an ordinal type for a number. */
export function valueAt(type: DataType, number: bigint): FwpValue {
  switch (type) {
    case "FWP_UINT8":
    case "FWP_UINT16":
    case "FWP_UINT32":
      return { type, value: Number(number) };
    case "FWP_UINT64":
      return { type, value: number };
    case "FWP_BYTE_ARRAY16_TYPE":
    case "FWP_BYTE_ARRAY6_TYPE": {
      const length = type === "FWP_BYTE_ARRAY16_TYPE" ? 16 : 6;
      const bytes = new Uint8Array(length);
      let left = number;
      for (let index = length - 1; index >= 0; index--) {
        bytes[index] = Number(left & 255n);
        left >>= 8n;
      }
      return { type, value: bytes };
    }
    default:
      throw new InternalError(`${type} has no order`);
  }
}

/** Numbers from `low` to `high`, both in it. */
export interface Interval {
  readonly low: bigint;
  readonly high: bigint;
}

/**
 * The values of an ordinal type for which a condition can hold, as intervals; undefined where the condition does not go by order (flags, odd
 * masks). Values of other types never match.
 */
export function intervalsOf(matchType: string, value: FwpValue, type: DataType): readonly Interval[] | undefined {
  const greatest = greatestOf(type);
  if (greatest === undefined) return undefined;
  const equal = equalIntervals(value, type, greatest);
  switch (matchType) {
    case "FWP_MATCH_EQUAL":
      return equal;
    case "FWP_MATCH_NOT_EQUAL":
      return equal === undefined || !isComparable(value, type) ? (isComparable(value, type) ? undefined : []) : complement(equal, greatest);
    case "FWP_MATCH_RANGE":
      if (value.type !== "FWP_RANGE_TYPE" || value.low.type !== type || value.high.type !== type) return [];
      return within([{ low: numberOf(value.low), high: numberOf(value.high) }]);
    case "FWP_MATCH_GREATER":
      return value.type === type ? within([{ low: numberOf(value) + 1n, high: greatest }]) : [];
    case "FWP_MATCH_GREATER_OR_EQUAL":
      return value.type === type ? [{ low: numberOf(value), high: greatest }] : [];
    case "FWP_MATCH_LESS":
      return value.type === type ? within([{ low: 0n, high: numberOf(value) - 1n }]) : [];
    case "FWP_MATCH_LESS_OR_EQUAL":
      return value.type === type ? [{ low: 0n, high: numberOf(value) }] : [];
    default:
      return undefined;
  }
}

function equalIntervals(value: FwpValue, type: DataType, greatest: bigint): readonly Interval[] | undefined {
  if (value.type === "FWP_V4_ADDR_MASK") {
    if (type !== "FWP_UINT32") return [];
    const hosts = ~value.mask >>> 0;
    if ((hosts & (hosts + 1)) !== 0) return undefined;
    const low = (value.address & value.mask) >>> 0;
    return [{ low: BigInt(low), high: BigInt((low | hosts) >>> 0) }];
  }
  if (value.type === "FWP_V6_ADDR_MASK") {
    if (type !== "FWP_BYTE_ARRAY16_TYPE") return [];
    const hosts = (1n << BigInt(128 - value.prefixLength)) - 1n;
    const address = value.address.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
    return [{ low: address & ~hosts & greatest, high: address | hosts }];
  }
  if (value.type !== type) return value.type === "FWP_EMPTY" ? [] : [];
  const number = numberOf(value);
  return [{ low: number, high: number }];
}

/** A negated condition is not true of a value it could never have been equal to (WFP-SEMANTICS 2.3). */
function isComparable(value: FwpValue, type: DataType): boolean {
  if (value.type === "FWP_V4_ADDR_MASK") return type === "FWP_UINT32";
  if (value.type === "FWP_V6_ADDR_MASK") return type === "FWP_BYTE_ARRAY16_TYPE";
  // A range is equal to nothing, so that everything of its type is unlike it.
  if (value.type === "FWP_RANGE_TYPE") return value.low.type === type;
  return value.type === type || value.type === "FWP_EMPTY";
}

function within(intervals: readonly Interval[]): readonly Interval[] {
  return intervals.filter(({ low, high }) => low <= high);
}

function complement(intervals: readonly Interval[], greatest: bigint): readonly Interval[] {
  const result: Interval[] = [];
  let next = 0n;
  for (const { low, high } of intervals) {
    if (low > next) result.push({ low: next, high: low - 1n });
    next = high + 1n;
  }
  if (next <= greatest) result.push({ low: next, high: greatest });
  return result;
}
