import { STATE, STATES } from "./arbitrate.ts";

/** End of a classification that no filter decided. */
export const NO_MATCH_END = -1;

/**
 * A set of arbitration states, and for each the ends it may come from: numbers that name the deciding filter and the code
 * (`position * 16 + code`, or {@link NO_MATCH_END}). There are seven states, so the set cannot grow with the number of unknowns; only
 * the ends can, up to one per filter and code. Reused from one classify to the next, so that nothing is allocated: lists keep their
 * length, and a count says how much of them is in use.
 */
export class StateSet {
  mask = 0;
  readonly #ends: readonly number[][] = Array.from({ length: STATES }, () => []);
  readonly #counts: number[] = new Array<number>(STATES).fill(0);

  /** Before the first sublayer: nothing decided. */
  start(): void {
    this.mask = 1 << STATE.none;
    this.#list(STATE.none)[0] = NO_MATCH_END;
    this.#counts[STATE.none] = 1;
  }

  /** Makes the set empty; a state's count starts anew when the state is entered. */
  clear(): void {
    this.mask = 0;
  }

  count(state: number): number {
    return (this.mask & (1 << state)) === 0 ? 0 : (this.#counts[state] as number);
  }

  end(state: number, index: number): number {
    return this.#list(state)[index] as number;
  }

  addEnd(state: number, end: number): void {
    const count = this.#enter(state);
    const list = this.#list(state);
    if (count > 0 && list[count - 1] === end) return;
    list[count] = end;
    this.#counts[state] = count + 1;
  }

  /** The ends of `source` in its state `from` become ends of `state` here: a sublayer changed nothing, or decided alike. */
  addEndsOf(state: number, source: StateSet, from: number): void {
    const added = source.count(from);
    const count = this.#enter(state);
    const list = this.#list(state);
    for (let index = 0; index < added; index++) list[count + index] = source.end(from, index);
    this.#counts[state] = count + added;
  }

  /** Drops ends listed twice; they only arise where something is unknown. */
  deduplicate(): void {
    for (let state = 0; state < STATES; state++) {
      const count = this.count(state);
      if (count < 2) continue;
      const list = this.#list(state);
      const distinct = new Set<number>();
      for (let index = 0; index < count; index++) distinct.add(list[index] as number);
      let kept = 0;
      for (const end of distinct) list[kept++] = end;
      this.#counts[state] = kept;
    }
  }

  #list(state: number): number[] {
    return this.#ends[state] as number[];
  }

  #enter(state: number): number {
    const bit = 1 << state;
    if ((this.mask & bit) === 0) {
      this.mask |= bit;
      this.#counts[state] = 0;
    }
    return this.#counts[state] as number;
  }
}
