import { STATE, STATES } from "./arbitrate.ts";

/** End of a classification that no filter decided. */
export const NO_MATCH_END = -1;

/**
 * A set of arbitration states, and for each the ends it may come from: numbers that name the deciding filter and the code
 * (`position * 16 + code`, or {@link NO_MATCH_END}). There are seven states, so the set cannot grow with the number of unknowns; only
 * the ends can, up to one per filter and code. Reused from one classify to the next, so that nothing is allocated.
 */
export class StateSet {
  mask = 0;
  readonly ends: number[][] = Array.from({ length: STATES }, () => []);

  /** Before the first sublayer: nothing decided. */
  start(): void {
    this.clear();
    this.mask = 1 << STATE.none;
    this.ends[STATE.none]?.push(NO_MATCH_END);
  }

  clear(): void {
    if (this.mask === 0) return;
    this.mask = 0;
    for (let state = 0; state < STATES; state++) {
      const list = this.ends[state];
      if (list !== undefined && list.length > 0) list.length = 0;
    }
  }

  addEnd(state: number, end: number): void {
    this.mask |= 1 << state;
    const list = this.ends[state];
    if (list !== undefined && list[list.length - 1] !== end) list.push(end);
  }

  /** The ends of `source` in its state `from` become ends of `state` here: a sublayer changed nothing, or decided alike. */
  addEndsOf(state: number, source: StateSet, from: number): void {
    this.mask |= 1 << state;
    const list = this.ends[state];
    const other = source.ends[from];
    if (list === undefined || other === undefined) return;
    for (let index = 0; index < other.length; index++) list.push(other[index] as number);
  }

  /** Drops ends listed twice; they only arise where something is unknown. */
  deduplicate(): void {
    for (let state = 0; state < STATES; state++) {
      const list = this.ends[state];
      if (list === undefined || list.length < 2) continue;
      const distinct = new Set(list);
      if (distinct.size === list.length) continue;
      list.length = 0;
      for (const end of distinct) list.push(end);
    }
  }
}
