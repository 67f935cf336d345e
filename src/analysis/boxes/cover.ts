import type { BoxSet } from "./box-set.ts";

/** Whether a box is covered: yes; no, with coordinates that are not; or not known, as the steps allowed are spent. */
export type Coverage =
  | { readonly kind: "covered" }
  | { readonly kind: "open"; readonly witness: Int32Array }
  | { readonly kind: "unknown" };

const COVERED: Coverage = { kind: "covered" };
const UNKNOWN: Coverage = { kind: "unknown" };

/**
 * Whether some boxes cover another one, by subtraction: what the first box that overlaps leaves over is cut into boxes again, each of which the
 * rest has to cover. The first piece that nothing overlaps is a witness, and ends it (PERFORMANCE 5).
 */
export class Cover {
  readonly #boxes: BoxSet;
  readonly #limit: number;
  #steps = 0;
  #used = new Set<number>();

  /** `limit`: pieces looked at for one box. */
  constructor(boxes: BoxSet, limit: number) {
    this.#boxes = boxes;
    this.#limit = limit;
  }

  /** Boxes that took part in the last answer "covered". */
  get used(): ReadonlySet<number> {
    return this.#used;
  }

  /** Whether the boxes at `others`, largest overlap first, cover the box at `index`. */
  check(index: number, others: Int32Array): Coverage {
    const { axes, low, high } = this.#boxes;
    const from = new Int32Array(axes);
    const to = new Int32Array(axes);
    for (let axis = 0; axis < axes; axis++) {
      from[axis] = (low[axis] as Int32Array)[index] as number;
      to[axis] = (high[axis] as Int32Array)[index] as number;
    }
    this.#steps = 0;
    this.#used = new Set();
    return this.#piece(from, to, others, 0);
  }

  #piece(from: Int32Array, to: Int32Array, others: Int32Array, start: number): Coverage {
    if (++this.#steps > this.#limit) return UNKNOWN;
    const at = this.#overlapping(from, to, others, start);
    if (at < 0) return { kind: "open", witness: from };
    const box = others[at] as number;
    this.#used.add(box);
    const { axes, low, high } = this.#boxes;
    // What lies beside the box, axis by axis; what is left in the middle is inside it.
    const restFrom = from.slice();
    const restTo = to.slice();
    let unknown = false;
    for (let axis = 0; axis < axes; axis++) {
      const boxLow = (low[axis] as Int32Array)[box] as number;
      const boxHigh = (high[axis] as Int32Array)[box] as number;
      if ((restFrom[axis] as number) < boxLow) {
        const pieceTo = restTo.slice();
        pieceTo[axis] = boxLow - 1;
        const found = this.#piece(restFrom.slice(), pieceTo, others, at + 1);
        if (found.kind === "open") return found;
        unknown ||= found.kind === "unknown";
        restFrom[axis] = boxLow;
      }
      if ((restTo[axis] as number) > boxHigh) {
        const pieceFrom = restFrom.slice();
        pieceFrom[axis] = boxHigh + 1;
        const found = this.#piece(pieceFrom, restTo.slice(), others, at + 1);
        if (found.kind === "open") return found;
        unknown ||= found.kind === "unknown";
        restTo[axis] = boxHigh;
      }
      if (unknown) return UNKNOWN;
    }
    return COVERED;
  }

  #overlapping(from: Int32Array, to: Int32Array, others: Int32Array, start: number): number {
    const { axes, low, high } = this.#boxes;
    for (let at = start; at < others.length; at++) {
      const box = others[at] as number;
      let axis = 0;
      while (
        axis < axes &&
        (from[axis] as number) <= ((high[axis] as Int32Array)[box] as number) &&
        (to[axis] as number) >= ((low[axis] as Int32Array)[box] as number)
      )
        axis++;
      if (axis === axes) return at;
    }
    return -1;
  }
}
