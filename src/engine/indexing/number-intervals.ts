import type { DataType, FwpValue } from "../../model/index.ts";
import type { NumberValue } from "../match/value-test.ts";
import type { ValueClasses } from "./value-class.ts";

/** Buckets that a {@link NumberIntervals} spreads its points over. */
const MAX_BUCKETS = 4096;

/**
 * Points and the gaps between them, in order: class 2i+1 is point i, 2i the gap before it. Values are spread over buckets of equal width
 * first, which leaves few points to search.
 */
export class NumberIntervals implements ValueClasses {
  readonly limit: number;
  readonly #type: DataType;
  readonly #points: Float64Array;
  readonly #lowest: number;
  readonly #highest: number;
  readonly #width: number;
  /** Number of points below each bucket. */
  readonly #below: Int32Array;

  constructor(type: DataType, points: readonly number[]) {
    this.#type = type;
    const sorted = Float64Array.from(new Set(points)).sort();
    this.#points = sorted;
    this.limit = sorted.length * 2 + 1;
    this.#lowest = sorted[0] ?? 0;
    this.#highest = sorted[sorted.length - 1] ?? 0;
    const buckets = Math.min(MAX_BUCKETS, sorted.length * 4 + 1);
    this.#width = Math.max(1, Math.ceil((this.#highest - this.#lowest + 1) / buckets));
    this.#below = new Int32Array(buckets + 1).fill(sorted.length);
    for (let index = sorted.length - 1; index >= 0; index--) this.#below[this.#bucket(sorted[index] as number)] = index;
    for (let bucket = buckets - 1; bucket >= 0; bucket--) {
      this.#below[bucket] = Math.min(this.#below[bucket] as number, this.#below[bucket + 1] as number);
    }
  }

  classOf(value: FwpValue): number {
    if (value.type !== this.#type) return -1;
    const wanted = (value as NumberValue).value;
    const points = this.#points;
    if (wanted < this.#lowest) return 0;
    if (wanted > this.#highest) return points.length * 2;
    const bucket = this.#bucket(wanted);
    let low = this.#below[bucket] as number;
    let high = this.#below[bucket + 1] as number;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((points[middle] as number) < wanted) low = middle + 1;
      else high = middle;
    }
    return points[low] === wanted ? low * 2 + 1 : low * 2;
  }

  #bucket(value: number): number {
    // Truncated, not floored: the result is small and stays an integer for the compiler.
    return ((value - this.#lowest) / this.#width) | 0;
  }
}
