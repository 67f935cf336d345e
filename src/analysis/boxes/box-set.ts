/**
 * Boxes side by side in typed arrays: box n is the coordinates from `low` to `high` of every axis. Boxes of one filter are next to each other:
 * those of filter f are `first[f]` to `first[f + 1]`.
 */
export class BoxSet {
  readonly axes: number;
  readonly low: Int32Array[];
  readonly high: Int32Array[];
  readonly first: Int32Array;
  #count = 0;
  #filters = 0;

  constructor(axes: number, filters: number) {
    this.axes = axes;
    this.low = Array.from({ length: axes }, () => new Int32Array(Math.max(16, filters)));
    this.high = Array.from({ length: axes }, () => new Int32Array(Math.max(16, filters)));
    this.first = new Int32Array(filters + 1);
  }

  get count(): number {
    return this.#count;
  }

  /** Adds a box to the filter at hand. */
  add(low: ArrayLike<number>, high: ArrayLike<number>): void {
    if (this.#count === (this.low[0]?.length ?? 0)) this.#grow();
    for (let axis = 0; axis < this.axes; axis++) {
      (this.low[axis] as Int32Array)[this.#count] = low[axis] as number;
      (this.high[axis] as Int32Array)[this.#count] = high[axis] as number;
    }
    this.#count++;
  }

  /** The filter at hand has all its boxes. */
  endFilter(): void {
    this.first[++this.#filters] = this.#count;
  }

  #grow(): void {
    for (const list of [this.low, this.high]) {
      for (const [axis, array] of list.entries()) {
        const larger = new Int32Array(array.length * 2);
        larger.set(array);
        list[axis] = larger;
      }
    }
  }
}
