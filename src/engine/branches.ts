import { isBlock, STATES } from "./arbitrate.ts";

/** Why it is not known which way a walk goes on at a filter. */
export const CAUSE_FIELD = 1;
export const CAUSE_CALLOUT = 2;

/**
 * What could happen at each filter of a walk in which something was unknown, so that afterwards one can tell which of the unknowns
 * the verdict depends on.
 */
export class Branches {
  /** Per sublayer, per entry state, in order: position, mask of resulting states, whether the walk may go on, cause. */
  readonly #subLayers: Step[][][] = [];

  get isEmpty(): boolean {
    return this.#subLayers.length === 0;
  }

  beginSubLayer(): void {
    this.#subLayers.push(Array.from({ length: STATES }, () => []));
  }

  add(state: number, step: Step): void {
    this.#subLayers.at(-1)?.[state]?.push(step);
  }

  /**
   * The steps at which the choice makes a difference: going backwards, each state is given the set of verdicts it can still lead to,
   * and a step matters if its ways on differ in that.
   */
  decisive(): Step[] {
    const verdicts = Array.from({ length: STATES }, (_, state): number => (isBlock(state) ? 2 : 1));
    const found: Step[] = [];
    for (const steps of this.#subLayers.toReversed()) {
      const before = steps.map((list, state) => {
        let onward = verdicts[state] ?? 0;
        for (const step of list.toReversed()) {
          let union = step.continues ? onward : 0;
          let same = true;
          for (let next = 0; next < STATES; next++) {
            if ((step.next & (1 << next)) === 0) continue;
            const reached = verdicts[next] ?? 0;
            if (union !== 0 && union !== reached) same = false;
            union |= reached;
          }
          if (!same && step.cause !== 0) found.push(step);
          onward = union;
        }
        return onward;
      });
      for (const [state, set] of before.entries()) verdicts[state] = set;
    }
    return found.sort((a, b) => a.position - b.position);
  }
}

/** One filter met in one entry state. */
export interface Step {
  readonly position: number;
  /** Mask of the states that its sublayer may end in here. */
  readonly next: number;
  readonly continues: boolean;
  /** Bits of CAUSE_*; 0 where everything was known. */
  readonly cause: number;
}
