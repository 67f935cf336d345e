import type { SackBlock } from "./segment.ts";
import { isAfter, isBefore, sequenceDistance } from "./sequence.ts";

/** What the receiver has said it holds beyond the acknowledgment (RFC 6675 3): disjoint ranges in order. */
export class Scoreboard {
  #ranges: SackBlock[] = [];

  get isEmpty(): boolean {
    return this.#ranges.length === 0;
  }

  /** Bytes the receiver holds. */
  get sacked(): number {
    return this.#ranges.reduce((sum, { left, right }) => sum + sequenceDistance(right, left), 0);
  }

  /** The number after the last byte held; undefined if none is. */
  get highest(): number | undefined {
    return this.#ranges.at(-1)?.right;
  }

  /** Blocks of an acknowledgment; those outside of what is outstanding are not believed. True if they tell something new. */
  add(blocks: readonly SackBlock[], unacknowledged: number, next: number): boolean {
    const before = this.sacked;
    for (const { left, right } of blocks) {
      if (!isAfter(right, left) || isBefore(left, unacknowledged) || isAfter(right, next)) continue;
      this.#insert({ left, right });
    }
    return this.sacked > before;
  }

  /** Everything below is acknowledged. */
  advance(acknowledgment: number): void {
    this.#ranges = this.#ranges
      .filter(({ right }) => isAfter(right, acknowledgment))
      .map(({ left, right }) => ({ left: isBefore(left, acknowledgment) ? acknowledgment : left, right }));
  }

  clear(): void {
    this.#ranges = [];
  }

  /** The first hole at or after `from` that ends below a byte held: where it is and how long; undefined without one. */
  hole(from: number): { readonly sequence: number; readonly length: number } | undefined {
    let sequence = from;
    for (const { left, right } of this.#ranges) {
      if (isAfter(left, sequence)) return { sequence, length: sequenceDistance(left, sequence) };
      if (isAfter(right, sequence)) sequence = right;
    }
    return undefined;
  }

  #insert(block: SackBlock): void {
    let { left, right } = block;
    const rest: SackBlock[] = [];
    for (const range of this.#ranges) {
      if (isBefore(range.right, left) || isAfter(range.left, right)) rest.push(range);
      else {
        left = isBefore(range.left, left) ? range.left : left;
        right = isAfter(range.right, right) ? range.right : right;
      }
    }
    rest.push({ left, right });
    this.#ranges = rest.sort((a, b) => sequenceDistance(a.left, b.left));
  }
}
