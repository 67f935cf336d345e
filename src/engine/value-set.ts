import { bitsOf, type Condition, type Field, type FwpValue, type MatchType, unreachable } from "../model/index.ts";
import { conditionKey } from "./match/condition-key.ts";
import { numericValue } from "./numeric-value.ts";

/** Values of one field that a condition takes: closed integer intervals, or a single value that is not a number. */
export type ValueSet =
  | { readonly kind: "intervals"; readonly intervals: readonly (readonly [bigint, bigint])[] }
  | { readonly kind: "exact"; readonly value: string }
  /** Every value but one that is not a number. */
  | { readonly kind: "except"; readonly value: string }
  /** A set that can only be told to be the same as another, e.g. the flags that a mask wants; no text: not even that. */
  | { readonly kind: "opaque"; readonly text?: string };

const intervals = (...list: (readonly [bigint, bigint])[]): ValueSet => ({
  kind: "intervals",
  intervals: list.filter(([low, high]) => low <= high),
});

/** Every value of a field: what a filter without a condition on it takes. */
export function allValues(field: Field): ValueSet {
  const bits = bitsOf(field.dataType);
  return bits === undefined ? { kind: "opaque" } : intervals([0n, (1n << BigInt(bits)) - 1n]);
}

/** The values of `field` that satisfy the condition. */
export function valueSetOf(condition: Condition, field: Field): ValueSet {
  const { matchType, value } = condition;
  if (value.type === "FWP_V4_ADDR_MASK") {
    const low = BigInt((value.address & value.mask) >>> 0);
    return inOrOut(matchType, low, low | BigInt(~value.mask >>> 0), 32);
  }
  if (value.type === "FWP_V6_ADDR_MASK") {
    const host = (1n << BigInt(128 - value.prefixLength)) - 1n;
    const address = value.address.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
    return inOrOut(matchType, address & ~host, address | host, 128);
  }
  if (value.type === "FWP_RANGE_TYPE") {
    const low = numericValue(value.low);
    const high = numericValue(value.high);
    return low === undefined || high === undefined ? opaque(condition) : intervals([low, high]);
  }
  const number = numericValue(value);
  const bits = bitsOf(field.dataType);
  if (number === undefined || bits === undefined) {
    if (matchType === "FWP_MATCH_EQUAL") return { kind: "exact", value: exactText(value) };
    return matchType === "FWP_MATCH_NOT_EQUAL" ? { kind: "except", value: exactText(value) } : opaque(condition);
  }
  const top = (1n << BigInt(bits)) - 1n;
  switch (matchType) {
    case "FWP_MATCH_EQUAL":
      return intervals([number, number]);
    case "FWP_MATCH_NOT_EQUAL":
      return intervals([0n, number - 1n], [number + 1n, top]);
    case "FWP_MATCH_GREATER":
      return intervals([number + 1n, top]);
    case "FWP_MATCH_GREATER_OR_EQUAL":
      return intervals([number, top]);
    case "FWP_MATCH_LESS":
      return intervals([0n, number - 1n]);
    case "FWP_MATCH_LESS_OR_EQUAL":
      return intervals([0n, number]);
    // No bit of none can be set.
    case "FWP_MATCH_FLAGS_ANY_SET":
      return number === 0n ? intervals() : opaque(condition);
    default:
      return opaque(condition);
  }
}

function inOrOut(matchType: MatchType, low: bigint, high: bigint, bits: number): ValueSet {
  if (matchType !== "FWP_MATCH_NOT_EQUAL") return intervals([low, high]);
  return intervals([0n, low - 1n], [high + 1n, (1n << BigInt(bits)) - 1n]);
}

function opaque(condition: Condition): ValueSet {
  const text = conditionKey(condition);
  return text === undefined ? { kind: "opaque" } : { kind: "opaque", text };
}

function exactText(value: FwpValue): string {
  switch (value.type) {
    case "FWP_BYTE_BLOB_TYPE":
      return `${value.type} ${value.value.join(",")}`;
    case "FWP_SECURITY_DESCRIPTOR_TYPE":
      return `${value.type} ${value.value.sddl}`;
    case "FWP_SID":
    case "FWP_UNICODE_STRING_TYPE":
      return `${value.type} ${value.value}`;
    default:
      return value.type;
  }
}

/** Whether two unions of sets share a value; opaque ones are taken to. */
export function overlaps(a: readonly ValueSet[], b: readonly ValueSet[]): boolean {
  return a.some((x) => b.some((y) => meets(x, y)));
}

function meets(x: ValueSet, y: ValueSet): boolean {
  if (x.kind === "opaque" || y.kind === "opaque") return true;
  if (x.kind === "intervals" && y.kind === "intervals") {
    return x.intervals.some(([low, high]) => y.intervals.some(([from, to]) => low <= to && from <= high));
  }
  if (x.kind === "intervals" || y.kind === "intervals") return false;
  if (x.kind === "except" && y.kind === "except") return true;
  return (x.value === y.value) === (x.kind === y.kind);
}

/** Whether every value of `inner` is in `outer`; opaque ones are taken to be only in themselves. */
export function contains(outer: readonly ValueSet[], inner: readonly ValueSet[]): boolean {
  const ranges = merge(outer.flatMap((set) => (set.kind === "intervals" ? set.intervals : [])));
  return inner.every((set) => {
    switch (set.kind) {
      case "opaque":
        return set.text !== undefined && outer.some((other) => other.kind === "opaque" && other.text === set.text);
      case "exact":
        return outer.some((other) => (other.kind === "exact" || other.kind === "except") && meets(other, set));
      case "except":
        return outer.some((other) => other.kind === "except" && other.value === set.value);
      case "intervals":
        return set.intervals.every(([low, high]) => ranges.some(([from, to]) => from <= low && high <= to));
      default:
        return unreachable(set);
    }
  });
}

function merge(list: readonly (readonly [bigint, bigint])[]): (readonly [bigint, bigint])[] {
  const merged: (readonly [bigint, bigint])[] = [];
  for (const next of list.toSorted((a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0))) {
    const last = merged.at(-1);
    if (last === undefined || next[0] > last[1] + 1n) merged.push(next);
    else if (next[1] > last[1]) merged[merged.length - 1] = [last[0], next[1]];
  }
  return merged;
}
