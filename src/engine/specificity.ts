import { bitsOf, type Condition, type FwpValue } from "../model/index.ts";
import { numericValue } from "./numeric-value.ts";

/**
 * How narrow a condition is, from 0 (the full range) to 1 (one value), as the automatic weight counts it (AUTOWEIGHT.md 2).
 */
export function specificity(condition: Condition): number {
  const { value, matchType } = condition;
  switch (value.type) {
    case "FWP_RANGE_TYPE":
      return rangeSpecificity(value.low, value.high);
    case "FWP_V6_ADDR_MASK":
      return value.prefixLength / 128;
    case "FWP_V4_ADDR_MASK":
      return populationCount(value.mask) / 32;
    default:
      return bounded(matchType, value);
  }
}

/** GREATER and its kin are half-open ranges; no dump shows one with an automatic weight, so the reading is ours. */
function bounded(matchType: Condition["matchType"], value: FwpValue): number {
  const number = numericValue(value);
  const bits = bitsOf(value.type);
  if (number === undefined || bits === undefined) return 1;
  const top = (1n << BigInt(bits)) - 1n;
  switch (matchType) {
    case "FWP_MATCH_GREATER":
      return number >= top ? 1 : sizeSpecificity(top - number, bits);
    case "FWP_MATCH_GREATER_OR_EQUAL":
      return sizeSpecificity(top - number + 1n, bits);
    case "FWP_MATCH_LESS":
      return number === 0n ? 1 : sizeSpecificity(number, bits);
    case "FWP_MATCH_LESS_OR_EQUAL":
      return sizeSpecificity(number + 1n, bits);
    default:
      return 1;
  }
}

function rangeSpecificity(low: FwpValue, high: FwpValue): number {
  const size = rangeSize(low, high);
  const bits = bitsOf(low.type);
  return size === undefined || bits === undefined ? 1 : sizeSpecificity(size, bits);
}

/** How many values a range takes, both ends included; undefined where its values are not numbers. */
export function rangeSize(low: FwpValue, high: FwpValue): bigint | undefined {
  const from = numericValue(low);
  const to = numericValue(high);
  return from === undefined || to === undefined ? undefined : to - from + 1n;
}

/** 1 − log2(size)/bits, exact for the full range and for single values. */
function sizeSpecificity(size: bigint, bits: number): number {
  return 1 - log2(size) / bits;
}

/** log2 of a positive integer of any size: the number of bits plus the logarithm of the leading 53. */
function log2(size: bigint): number {
  const length = size.toString(2).length;
  const shift = Math.max(0, length - 53);
  return Math.log2(Number(size >> BigInt(shift))) + shift;
}

function populationCount(mask: number): number {
  let count = 0;
  for (let rest = mask >>> 0; rest !== 0; rest >>>= 1) count += rest & 1;
  return count;
}
