import type { DecisionCode } from "../model/index.ts";

/**
 * Arbitration between sublayers (WFP-SEMANTICS 3.4) as a small state machine. A state is the current decision, who may still change
 * it, and whether the packet was absorbed. Because fields and callouts can be unknown, classification works on sets of states: a set
 * is a bit mask, bit n standing for state n.
 */
export const STATE = {
  none: 0,
  softPermit: 1,
  hardPermit: 2,
  softBlock: 3,
  hardBlock: 4,
  softAbsorb: 5,
  hardAbsorb: 6,
} as const;

export const STATES = 7;

/**
 * What a filter can do to its sublayer, as a bit mask: bit 0 stands for "goes on to the next filter", bits 1 to 6 for "ends it with
 * this state" (which is what an untouched arbitration would become).
 */
export const CONTINUE_OUTCOME = 1;

/** Who an outcome comes from: it decides which code is reported and whether a block can veto. */
export type Source = 0 | 1 | 2;
export const SOURCE_STATIC: Source = 0;
export const SOURCE_CALLOUT: Source = 1;
/** A filter whose callout is not registered; it acts as a static one. */
export const SOURCE_UNREGISTERED: Source = 2;

export const PERMIT_STATES = (1 << STATE.softPermit) | (1 << STATE.hardPermit);
export const ABSORB_STATES = (1 << STATE.softAbsorb) | (1 << STATE.hardAbsorb);
export const BLOCK_STATES = (1 << STATE.softBlock) | (1 << STATE.hardBlock) | ABSORB_STATES;
const HARD_STATES = (1 << STATE.hardPermit) | (1 << STATE.hardBlock) | (1 << STATE.hardAbsorb);

const isIn = (state: number, set: number): boolean => ((1 << state) & set) !== 0;

export const isPermit = (state: number): boolean => isIn(state, PERMIT_STATES);
export const isBlock = (state: number): boolean => isIn(state, BLOCK_STATES);
export const isAbsorbed = (state: number): boolean => isIn(state, ABSORB_STATES);
/** FWPS_RIGHT_ACTION_WRITE of the state is gone. */
export const isHard = (state: number): boolean => isIn(state, HARD_STATES);

/** The state that a decision is on its own. */
export function stateOf(action: "permit" | "block", writable: boolean, absorb: boolean): number {
  if (action === "permit") return writable ? STATE.softPermit : STATE.hardPermit;
  if (absorb) return writable ? STATE.softAbsorb : STATE.hardAbsorb;
  return writable ? STATE.softBlock : STATE.hardBlock;
}

/** Outcome of a static filter: a permit is soft unless CLEAR_ACTION_RIGHT, a block is hard by default (WFP-SEMANTICS 3.4). */
export function outcomeOfStatic(action: "permit" | "block", clearActionRight: boolean): number {
  return 1 << stateOf(action, action === "permit" && !clearActionRight, false);
}

function computeMerge(state: number, outcome: number, fromCallout: boolean): number {
  if (!isHard(state)) {
    // Once set, ABSORB stays in the classify-out while the decision stays BLOCK.
    if (isAbsorbed(state) && isBlock(outcome)) return isHard(outcome) ? STATE.hardAbsorb : STATE.softAbsorb;
    return outcome;
  }
  // Without the write right only a callout's block of a hard permit counts: the veto.
  if (state === STATE.hardPermit && fromCallout && isBlock(outcome)) return isAbsorbed(outcome) ? STATE.hardAbsorb : STATE.hardBlock;
  return state;
}

const merged = new Uint8Array(STATES * STATES * 2);
for (let state = 0; state < STATES; state++) {
  for (let outcome = 1; outcome < STATES; outcome++) {
    merged[(state * STATES + outcome) * 2] = computeMerge(state, outcome, false);
    merged[(state * STATES + outcome) * 2 + 1] = computeMerge(state, outcome, true);
  }
}

/** The state after a sublayer ended with `outcome`. */
export function mergeState(state: number, outcome: number, source: Source): number {
  return merged[(state * STATES + outcome) * 2 + (source === SOURCE_CALLOUT ? 1 : 0)] ?? 0;
}

/** Whether the outcome becomes the decision: reports then name its filter, and not that of a higher sublayer which decided alike. */
export function takesOver(before: number, after: number): boolean {
  return isPermit(before) !== isPermit(after) || isBlock(before) !== isBlock(after) || isAbsorbed(before) !== isAbsorbed(after);
}

/** Whether a merge was the veto of a hard permit. */
export function isVeto(before: number, after: number): boolean {
  return before === STATE.hardPermit && isBlock(after);
}

export const CODES = [
  "FILTER_PERMIT",
  "FILTER_BLOCK",
  "CALLOUT_PERMIT",
  "CALLOUT_BLOCK",
  "CALLOUT_UNREGISTERED_PERMIT",
  "CALLOUT_UNREGISTERED_BLOCK",
  "CALLOUT_VETO",
  "CALLOUT_ABSORB",
] as const satisfies readonly DecisionCode[];

/** Index in {@link CODES} of the reason for a decision just taken over. */
export function codeIndex(before: number, after: number, source: Source): number {
  if (isAbsorbed(after)) return 7;
  if (isVeto(before, after)) return 6;
  return source * 2 + (isBlock(after) ? 1 : 0);
}
