import type { DataType, FwpValue } from "../../model/index.ts";
import { compareValues } from "../match/compare.ts";
import type { ValueClasses } from "./value-class.ts";

/** Points and gaps as in {@link NumberIntervals}, over any sortable type: IPv6 addresses, 64-bit numbers, blobs in ranges. */
export class ValueIntervals implements ValueClasses {
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
