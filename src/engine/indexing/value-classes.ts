import type { Condition, DataType, FwpValue } from "../../model/index.ts";
import { sameBytes } from "../match/bytes.ts";
import { compareValues } from "../match/compare.ts";
import { isContiguousMask, isSortable } from "../match/legal.ts";

/**
 * Sorts a field's values into classes of which no condition on the field tells two members apart. `classOf` gives the class's number,
 * or -1 for a value of another type than the field's. `limit` classes are there at most; undefined where every value is its own class
 * and numbers are handed out as values come.
 */
export interface ValueClasses {
  classOf(value: FwpValue): number;
  readonly limit: number | undefined;
}

const numeric: ReadonlySet<DataType> = new Set<DataType>(["FWP_UINT8", "FWP_UINT16", "FWP_UINT32", "FWP_INT8", "FWP_INT16", "FWP_INT32"]);

/** The values at which a condition's answer can change; undefined where it does not depend on the order of values. */
function turningPoints({ matchType, value }: Condition, type: DataType): FwpValue[] | undefined {
  switch (value.type) {
    case "FWP_V4_ADDR_MASK": {
      if (type !== "FWP_UINT32") return [];
      if (!isContiguousMask(value.mask)) return undefined;
      const low = (value.address & value.mask) >>> 0;
      return [
        { type, value: low },
        { type, value: (low | ~value.mask) >>> 0 },
      ];
    }
    case "FWP_V6_ADDR_MASK": {
      if (type !== "FWP_BYTE_ARRAY16_TYPE") return [];
      const low = Uint8Array.from({ length: 16 }, (_, index) => (value.address[index] ?? 0) & prefixByte(value.prefixLength, index));
      const high = low.map((byte, index) => byte | (~prefixByte(value.prefixLength, index) & 0xff));
      return [
        { type, value: low },
        { type, value: high },
      ];
    }
    case "FWP_RANGE_TYPE":
      return value.low.type === type && value.high.type === type ? [value.low, value.high] : [];
    default:
  }
  if (value.type !== type) return [];
  switch (matchType) {
    case "FWP_MATCH_EQUAL":
    case "FWP_MATCH_NOT_EQUAL":
    case "FWP_MATCH_GREATER":
    case "FWP_MATCH_LESS":
    case "FWP_MATCH_GREATER_OR_EQUAL":
    case "FWP_MATCH_LESS_OR_EQUAL":
      return [value];
    default:
      return undefined;
  }
}

function prefixByte(prefixLength: number, index: number): number {
  return (0xff00 >>> Math.min(8, Math.max(0, prefixLength - index * 8))) & 0xff;
}

/** Points and the gaps between them, in order: class 2i+1 is point i, 2i the gap before it. */
class NumberIntervals implements ValueClasses {
  readonly limit: number;
  readonly #type: DataType;
  readonly #points: Float64Array;

  constructor(type: DataType, points: readonly number[]) {
    this.#type = type;
    this.#points = Float64Array.from(new Set(points)).sort();
    this.limit = this.#points.length * 2 + 1;
  }

  classOf(value: FwpValue): number {
    if (value.type !== this.#type) return -1;
    const wanted = value.value as number;
    const points = this.#points;
    let low = 0;
    let high = points.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((points[middle] as number) < wanted) low = middle + 1;
      else high = middle;
    }
    return points[low] === wanted ? low * 2 + 1 : low * 2;
  }
}

/** The same over any sortable type: IPv6 addresses, 64-bit numbers, blobs in ranges. */
class ValueIntervals implements ValueClasses {
  readonly limit: number;
  readonly #type: DataType;
  readonly #points: readonly FwpValue[];

  constructor(type: DataType, points: readonly FwpValue[]) {
    this.#type = type;
    const sorted = points.toSorted(compareValues);
    this.#points = sorted.filter((point, index) => index === 0 || compareValues(sorted[index - 1] as FwpValue, point) !== 0);
    this.limit = this.#points.length * 2 + 1;
  }

  classOf(value: FwpValue): number {
    if (value.type !== this.#type) return -1;
    let low = 0;
    let high = this.#points.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const order = compareValues(this.#points[middle] as FwpValue, value);
      if (order === 0) return middle * 2 + 1;
      if (order < 0) low = middle + 1;
      else high = middle;
    }
    return low * 2;
  }
}

/** What a Map can look a value up by; undefined for byte strings, which need {@link BytesNumbers}. */
function plainKey(value: FwpValue): unknown {
  return "value" in value && !(value.value instanceof Uint8Array) ? value.value : undefined;
}

/** Numbers for byte strings. Programs come in runs, so the last answer is kept by identity. */
class BytesNumbers {
  readonly #byHash = new Map<number, { readonly bytes: Uint8Array; readonly number: number }[]>();
  #last: Uint8Array | undefined;
  #lastNumber = -1;

  get(bytes: Uint8Array): number {
    if (bytes === this.#last) return this.#lastNumber;
    const found = this.#byHash.get(hashBytes(bytes))?.find((entry) => sameBytes(entry.bytes, bytes))?.number ?? -1;
    this.#last = bytes;
    this.#lastNumber = found;
    return found;
  }

  set(bytes: Uint8Array, number: number): void {
    const hash = hashBytes(bytes);
    const entries = this.#byHash.get(hash);
    if (entries === undefined) this.#byHash.set(hash, [{ bytes, number }]);
    else entries.push({ bytes, number });
    this.#last = undefined;
  }
}

function hashBytes(bytes: Uint8Array): number {
  let hash = bytes.length;
  for (let index = 0; index < bytes.length; index++) hash = Math.imul(hash ^ (bytes[index] ?? 0), 0x01000193);
  return hash;
}

/** Fields that are only compared for equality: each value of a condition is a class, all others together are one more. */
class ExactValues implements ValueClasses {
  readonly limit: number;
  readonly #type: DataType;
  readonly #numbers = new Map<unknown, number>();
  readonly #bytes = new BytesNumbers();
  readonly #others: number;

  constructor(type: DataType, values: readonly FwpValue[]) {
    this.#type = type;
    let next = 0;
    for (const value of values) {
      if (this.#find(value) !== undefined) continue;
      if ("value" in value && value.value instanceof Uint8Array) this.#bytes.set(value.value, next++);
      else this.#numbers.set(plainKey(value), next++);
    }
    this.#others = next;
    this.limit = next + 1;
  }

  classOf(value: FwpValue): number {
    if (value.type !== this.#type) return -1;
    return this.#find(value) ?? this.#others;
  }

  #find(value: FwpValue): number | undefined {
    if ("value" in value && value.value instanceof Uint8Array) {
      const found = this.#bytes.get(value.value);
      return found < 0 ? undefined : found;
    }
    return this.#numbers.get(plainKey(value));
  }
}

/** How many classes {@link EachValue} hands out before it wants to be replaced. */
export const MAX_OPEN_CLASSES = 4096;

/** Every value its own class: flags, tokens (by identity), suffixes. */
class EachValue implements ValueClasses {
  readonly limit = undefined;
  readonly #type: DataType;
  readonly #numbers = new Map<unknown, number>();
  readonly #bytes = new BytesNumbers();
  #next = 0;

  constructor(type: DataType) {
    this.#type = type;
  }

  classOf(value: FwpValue): number {
    if (value.type !== this.#type) return -1;
    if ("value" in value && value.value instanceof Uint8Array) {
      const known = this.#bytes.get(value.value);
      if (known >= 0) return known;
      this.#bytes.set(value.value, this.#next);
      return this.#next++;
    }
    const key = plainKey(value);
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    this.#numbers.set(key, this.#next);
    return this.#next++;
  }
}

/** The coarsest classes for a field of `type` under these conditions. */
export function valueClasses(type: DataType, conditions: readonly Condition[]): ValueClasses {
  const points = conditions.map((condition) => turningPoints(condition, type));
  if (points.includes(undefined)) return new EachValue(type);
  const all = points.flatMap((list) => list ?? []);
  if (numeric.has(type)) return new NumberIntervals(type, all.map((point) => ("value" in point ? Number(point.value) : 0)));
  const exact = conditions.every(
    ({ matchType, value }) => value.type !== type || matchType === "FWP_MATCH_EQUAL" || matchType === "FWP_MATCH_NOT_EQUAL",
  );
  const masked = conditions.some(({ value }) => value.type === "FWP_V6_ADDR_MASK" || value.type === "FWP_RANGE_TYPE");
  if (exact && !masked && type !== "FWP_DOUBLE" && type !== "FWP_FLOAT") {
    return type === "FWP_TOKEN_ACCESS_INFORMATION_TYPE" || type === "FWP_TOKEN_INFORMATION_TYPE" ? new EachValue(type) : new ExactValues(type, all);
  }
  return isSortable(type) ? new ValueIntervals(type, all) : new EachValue(type);
}
