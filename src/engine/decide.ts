import {
  type Alternative,
  type ArbitrationState,
  type Decision,
  type DecisionCode,
  type Dependency,
  type Filter,
  fieldName,
  type Rights,
  type SubLayerResult,
} from "../model/index.ts";
import { ABSORB_STATES, BLOCK_STATES, CODES, CONTINUE_OUTCOME, isBlock, PERMIT_STATES, STATE, STATES } from "./arbitrate.ts";
import { CAUSE_CALLOUT, CAUSE_FIELD } from "./branches.ts";
import type { SubLayerSpan } from "./compile-layer.ts";
import { unknownFields } from "./evaluate-filter.ts";
import { NO_MATCH_END } from "./state-set.ts";
import { END_SHIFT, type Walk } from "./sublayer-walk.ts";

const NONE: readonly never[] = [];

const HARD = (1 << STATE.hardPermit) | (1 << STATE.hardBlock) | (1 << STATE.hardAbsorb);

function filterAt(walk: Walk, end: number): Filter | null {
  return end === NO_MATCH_END ? null : (walk.compiled.filters[end >> END_SHIFT]?.filter ?? null);
}

function codeOf(end: number): DecisionCode {
  return end === NO_MATCH_END ? "NO_MATCH_PERMIT" : (CODES[end & ((1 << END_SHIFT) - 1)] ?? "NO_MATCH_PERMIT");
}

/** Every distinct end, in the order of evaluation; the one that no filter decided comes last. */
function alternativesOf(walk: Walk): Alternative[] {
  const rank = (end: number) => (end === NO_MATCH_END ? Number.MAX_SAFE_INTEGER : end);
  const found = new Map<string, { end: number; alternative: Alternative }>();
  for (let state = 0; state < STATES; state++) {
    const verdict = isBlock(state) ? "block" : "permit";
    for (let index = 0; index < walk.current.count(state); index++) {
      const end = walk.current.end(state, index);
      const key = `${verdict} ${end}`;
      if (!found.has(key)) found.set(key, { end, alternative: { verdict, code: codeOf(end), filter: filterAt(walk, end) } });
    }
  }
  return [...found.values()].sort((a, b) => rank(a.end) - rank(b.end)).map(({ alternative }) => alternative);
}

/** The unknowns that the verdict depends on. */
function dependenciesOf(walk: Walk): Dependency[] {
  const found = new Map<string, Dependency>();
  for (const { position, cause } of walk.branches?.decisive() ?? NONE) {
    const compiled = walk.compiled.filters[position];
    if (compiled === undefined) continue;
    if ((cause & CAUSE_FIELD) !== 0) {
      for (const fieldKey of unknownFields(compiled, walk.values)) {
        const field = walk.layer.fields.find((candidate) => candidate.key === fieldKey)?.name ?? fieldName(fieldKey);
        found.set(fieldKey, { kind: "field", fieldKey, field });
      }
    }
    if ((cause & CAUSE_CALLOUT) !== 0 && compiled.callout !== null) {
      const { filter, callout } = compiled;
      found.set(`${callout.key} ${position}`, {
        kind: "callout",
        calloutKey: callout.key,
        calloutName: callout.name,
        filterId: filter.filterId,
        filterName: filter.name,
      });
    }
  }
  return [...found.values()];
}

function indeterminateCode(dependsOn: readonly Dependency[]): DecisionCode {
  const callout = dependsOn.some((dependency) => dependency.kind === "callout");
  if (!callout) return "INDETERMINATE_FIELD";
  return dependsOn.some((dependency) => dependency.kind === "field") ? "INDETERMINATE_CALLOUT_AND_FIELD" : "INDETERMINATE_CALLOUT";
}

/**
 * The decision that the final set of states amounts to: BLOCK blocks, anything else permits (WFP-SEMANTICS 3.4). Where the verdict is
 * sure but not whose it is, the last filter in question is named: the one that would decide if no unknown condition above it held.
 */
export function decide(walk: Walk): Decision {
  const { mask } = walk.current;
  const blocks = (mask & BLOCK_STATES) !== 0;
  const verdict = blocks ? "block" : "permit";
  if ((mask & (mask - 1)) === 0) {
    const state = 31 - Math.clz32(mask);
    if (walk.current.count(state) === 1) {
      const end = walk.current.end(state, 0);
      const absorbed = (mask & ABSORB_STATES) !== 0;
      return { verdict, code: codeOf(end), filter: filterAt(walk, end), absorbed, alternatives: NONE, dependsOn: NONE };
    }
  }
  const alternatives = alternativesOf(walk);
  const absorbed = (mask & ~ABSORB_STATES) === 0;
  if (blocks && (mask & ~BLOCK_STATES) !== 0) {
    const dependsOn = dependenciesOf(walk);
    return { verdict: "indeterminate", code: indeterminateCode(dependsOn), filter: null, absorbed, alternatives, dependsOn };
  }
  const last = alternatives.at(-1);
  const several = alternatives.length > 1;
  return {
    verdict,
    code: last?.code ?? "NO_MATCH_PERMIT",
    filter: last?.filter ?? null,
    absorbed,
    alternatives: several ? alternatives : NONE,
    dependsOn: NONE,
  };
}

/** A set of states as the trace shows it; rights count as soft as long as they may be. */
export function arbitrationState(mask: number): ArbitrationState {
  const permit = (mask & PERMIT_STATES) !== 0;
  const block = (mask & BLOCK_STATES) !== 0;
  const none = (mask & 1) !== 0;
  const rights: Rights = (mask & ~HARD) === 0 ? "hard" : "soft";
  if (Number(permit) + Number(block) + Number(none) !== 1) return { action: "indeterminate", rights };
  return { action: permit ? "permit" : block ? "block" : "none", rights };
}

/** What the sublayer just walked had to say. */
export function subLayerResult(walk: Walk, span: SubLayerSpan, before: number): SubLayerResult {
  const { outcomes, terminating } = walk;
  const kinds = [outcomes & PERMIT_STATES, outcomes & BLOCK_STATES, outcomes & CONTINUE_OUTCOME].filter((kind) => kind !== 0);
  const action =
    kinds.length !== 1
      ? "indeterminate"
      : (outcomes & PERMIT_STATES) !== 0
        ? "permit"
        : outcomes === CONTINUE_OUTCOME
          ? "continue"
          : "block";
  const ending = outcomes & ~CONTINUE_OUTCOME;
  const rights: Rights | null = ending === 0 ? null : (ending & ~HARD) === 0 ? "hard" : (ending & HARD) === 0 ? "soft" : null;
  return {
    subLayerKey: span.subLayerKey,
    subLayerName: span.subLayerName,
    weight: span.weight,
    filters: span.end - span.start,
    filter: action === "indeterminate" ? null : (terminating.at(-1) ?? null),
    action,
    rights,
    before: arbitrationState(before),
    after: arbitrationState(walk.current.mask),
    candidates: action === "indeterminate" || terminating.length > 1 ? terminating : NONE,
    vetoed: walk.vetoed,
  };
}
