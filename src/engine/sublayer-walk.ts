import type { FieldValue, Filter, Interpretation, Layer } from "../model/index.ts";
import { CONTINUE_OUTCOME, codeIndex, isVeto, mergeState, STATES, takesOver } from "./arbitrate.ts";
import { Branches, CAUSE_CALLOUT, CAUSE_FIELD } from "./branches.ts";
import { type CalloutCall, calloutOutcomes, calloutSource, isIneffective } from "./callout-binding.ts";
import { type Candidates, EVERY_FILTER } from "./candidates.ts";
import { type ClassifyContext, NO_CONTEXT } from "./classify-context.ts";
import type { CompiledLayer, SubLayerSpan } from "./compile-layer.ts";
import { type CompiledFilter, conditionResults, evaluateFilter } from "./evaluate-filter.ts";
import { Survivors } from "./indexing/survivors.ts";
import { FALSE, type Kleene, TRUE, truthOf } from "./match/kleene.ts";
import { StateSet } from "./state-set.ts";
import type { TraceSink } from "./trace-sink.ts";

/** How an end is numbered: position * 16 + index of its code. */
export const END_SHIFT = 4;

/** Everything that one classify call works with; one object serves many calls. */
export class Walk implements CalloutCall {
  compiled: CompiledLayer;
  interpretation: Interpretation;
  layer: Layer;
  values: readonly FieldValue[] = [];
  context: ClassifyContext = NO_CONTEXT;
  sink: TraceSink | undefined;
  candidates: Candidates = EVERY_FILTER;
  /** Lent to the layer's index. */
  readonly survivors = new Survivors();
  current = new StateSet();
  next = new StateSet();
  /** What could have happened, recorded from the first sublayer on in which something unknown was met. */
  branches: Branches | undefined;
  /** Entry states that still walk the present sublayer. */
  #live = 0;
  /** Which state's ends were already passed on to which: a bit per pair, so that each is copied once per sublayer. */
  readonly #passed = new Uint8Array(STATES);
  /** Outcomes met in the present sublayer, for the trace. */
  outcomes = 0;
  vetoed = false;
  terminating: Filter[] = [];

  constructor(compiled: CompiledLayer, interpretation: Interpretation) {
    this.compiled = compiled;
    this.layer = compiled.layer;
    this.interpretation = interpretation;
  }

  begin(
    compiled: CompiledLayer,
    interpretation: Interpretation,
    values: readonly FieldValue[],
    context: ClassifyContext,
    sink: TraceSink | undefined,
    candidates: Candidates,
  ): void {
    this.compiled = compiled;
    this.layer = compiled.layer;
    this.interpretation = interpretation;
    this.values = values;
    this.context = context;
    this.sink = sink;
    this.candidates = candidates;
    this.branches = undefined;
    this.current.start();
  }

  /** Lets go of the caller's objects. */
  end(): void {
    this.values = [];
    this.context = NO_CONTEXT;
    this.sink = undefined;
    this.candidates = EVERY_FILTER;
    this.branches = undefined;
  }

  /**
   * Walks one sublayer from the first candidate at or after `from` (WFP-SEMANTICS 3.4, evalSublayer and merge): filters by descending
   * weight until one ends it, for every state that arbitration may be in. Returns the position of the first filter not looked at.
   */
  subLayer(span: SubLayerSpan, from: number): number {
    const { filters } = this.compiled;
    this.#live = this.current.mask;
    for (let state = 0; state < STATES; state++) this.#passed[state] = 0;
    this.outcomes = 0;
    this.vetoed = false;
    if (this.sink !== undefined) this.terminating = [];
    this.branches?.beginSubLayer();
    let position = from;
    while (position < span.end && this.#live !== 0) {
      this.#visit(filters[position] as CompiledFilter, position);
      position = this.candidates.next(position + 1);
    }
    if (this.sink?.wantsFilters === true) this.#skipped(position, span.end);
    this.#mergeRest();
    return position;
  }

  #visit(filter: CompiledFilter, position: number): void {
    const { callout } = filter;
    const wanted = this.sink?.wantsFilters === true;
    if (!wanted && callout !== null && isIneffective(callout, filter.filter)) return;
    const truth = evaluateFilter(filter, this.values);
    if (wanted) this.#report(filter, truth, true);
    if (truth === FALSE) return;
    let real = truth === TRUE;
    for (let left = this.#live; left !== 0; left &= left - 1) {
      const state = 31 - Math.clz32(left & -left);
      if (callout === null) {
        this.#apply(filter, position, state, truth, filter.outcomes, filter.source);
      } else {
        const outcomes = calloutOutcomes(callout, filter.filter, state, real, this);
        this.#apply(filter, position, state, truth, outcomes, calloutSource(callout));
        real = false;
      }
    }
  }

  /** A matching filter's outcomes in one entry state become states of the next sublayer. */
  #apply(filter: CompiledFilter, position: number, state: number, truth: Kleene, outcomes: number, source: 0 | 1 | 2): void {
    const continues = truth !== TRUE || (outcomes & CONTINUE_OUTCOME) !== 0;
    const ending = outcomes & ~CONTINUE_OUTCOME;
    let reached = 0;
    for (let left = ending; left !== 0; left &= left - 1) {
      const outcome = 31 - Math.clz32(left & -left);
      const after = mergeState(state, outcome, source);
      reached |= 1 << after;
      if (takesOver(state, after)) this.next.addEnd(after, (position << END_SHIFT) | codeIndex(state, after, source));
      else this.#pass(state, after);
      if (isVeto(state, after)) this.vetoed = true;
    }
    const open = truth !== TRUE || (outcomes & (outcomes - 1)) !== 0;
    if (open && this.branches === undefined) {
      this.branches = new Branches();
      this.branches.beginSubLayer();
    }
    if (this.branches !== undefined && (ending !== 0 || open)) {
      const cause = (truth === TRUE ? 0 : CAUSE_FIELD) | ((outcomes & (outcomes - 1)) === 0 ? 0 : CAUSE_CALLOUT);
      this.branches.add(state, { position, next: reached, continues, cause });
    }
    if (ending !== 0) {
      this.outcomes |= ending;
      if (this.sink !== undefined && this.terminating.at(-1) !== filter.filter) this.terminating.push(filter.filter);
    }
    if (!continues) this.#live &= ~(1 << state);
  }

  #pass(from: number, to: number): void {
    const passed = this.#passed[from] ?? 0;
    if ((passed & (1 << to)) !== 0) return;
    this.#passed[from] = passed | (1 << to);
    this.next.addEndsOf(to, this.current, from);
  }

  /** States in which nothing ended the sublayer stay as they are. */
  #mergeRest(): void {
    if (this.#live !== 0) this.outcomes |= CONTINUE_OUTCOME;
    for (let left = this.#live; left !== 0; left &= left - 1) {
      const state = 31 - Math.clz32(left & -left);
      this.#pass(state, state);
    }
    const { current } = this;
    current.clear();
    this.current = this.next;
    this.next = current;
    if (this.branches !== undefined) this.current.deduplicate();
  }

  #report(filter: CompiledFilter, truth: Kleene, consulted: boolean): void {
    this.sink?.filter?.({
      filter: filter.filter,
      truth: truthOf(truth),
      conditions: conditionResults(filter, this.values),
      consulted,
    });
  }

  #skipped(from: number, end: number): void {
    for (let position = from; position < end; position++) {
      const filter = this.compiled.filters[position];
      if (filter !== undefined) this.#report(filter, evaluateFilter(filter, this.values), false);
    }
  }
}
