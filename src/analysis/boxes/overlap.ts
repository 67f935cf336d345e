import type { BoxSet } from "./box-set.ts";

/**
 * Which of the boxes added so far overlap another one. Boxes are kept in rows by where they lie on the axis that tells them apart best, those
 * that span many rows apart, so that a query looks at few of them.
 */
export class OverlapIndex {
  readonly #boxes: BoxSet;
  readonly #axis: number;
  readonly #width: number;
  readonly #rows: number[][];
  readonly #wide: number[] = [];

  constructor(boxes: BoxSet, sizes: readonly number[]) {
    this.#boxes = boxes;
    this.#axis = bestAxis(boxes, sizes);
    const size = sizes[this.#axis] ?? 1;
    this.#width = Math.max(1, Math.ceil(size / ROWS));
    this.#rows = Array.from({ length: Math.ceil(size / this.#width) }, () => []);
  }

  add(box: number): void {
    const [from, to] = this.#rowsOf(box);
    if (to - from >= MANY_ROWS) this.#wide.push(box);
    else for (let row = from; row <= to; row++) this.#rows[row]?.push(box);
  }

  /** Boxes that overlap the one at `index`, each once, in no order. */
  overlapping(index: number): number[] {
    const [from, to] = this.#rowsOf(index);
    const found: number[] = [];
    for (const box of this.#wide) if (this.#overlaps(index, box)) found.push(box);
    for (let row = from; row <= to; row++) {
      for (const box of this.#rows[row] ?? []) {
        // A box that is in several rows counts in the first that both are in.
        if (row !== from && this.#rowsOf(box)[0] < row) continue;
        if (this.#overlaps(index, box)) found.push(box);
      }
    }
    return found;
  }

  #rowsOf(box: number): readonly [number, number] {
    const low = (this.#boxes.low[this.#axis]?.[box] ?? 0) / this.#width;
    const high = (this.#boxes.high[this.#axis]?.[box] ?? 0) / this.#width;
    return [Math.floor(low), Math.floor(high)];
  }

  #overlaps(a: number, b: number): boolean {
    const { axes, low, high } = this.#boxes;
    for (let axis = 0; axis < axes; axis++) {
      const lows = low[axis] as Int32Array;
      const highs = high[axis] as Int32Array;
      if ((lows[a] as number) > (highs[b] as number) || (lows[b] as number) > (highs[a] as number)) return false;
    }
    return true;
  }
}

const ROWS = 1024;
const MANY_ROWS = 16;

/** The axis on which boxes are narrowest on the whole. */
function bestAxis(boxes: BoxSet, sizes: readonly number[]): number {
  let best = 0;
  let narrowest = Number.POSITIVE_INFINITY;
  for (let axis = 0; axis < boxes.axes; axis++) {
    let width = 0;
    for (let box = 0; box < boxes.count; box++)
      width += ((boxes.high[axis]?.[box] ?? 0) - (boxes.low[axis]?.[box] ?? 0) + 1) / (sizes[axis] ?? 1);
    if (width < narrowest) {
      narrowest = width;
      best = axis;
    }
  }
  return best;
}
