import {
  CONDITION_FLAG,
  type Condition,
  FIELD_KEY,
  type FieldValue,
  type Filter,
  type Guid,
  type Interpretation,
  type Layer,
  type Truth,
  uint32,
} from "../model/index.ts";
import { CONTINUE_OUTCOME, isBlock, isHard, mergeState, STATES, takesOver } from "./arbitrate.ts";
import { builtInCallout } from "./builtin-callouts.ts";
import { calloutOutcomes, calloutSource, isIneffective } from "./callout-binding.ts";
import { NO_CONTEXT } from "./classify-context.ts";
import type { CompiledLayer } from "./compile-layer.ts";
import type { CompiledFilter } from "./evaluate-filter.ts";
import type { ConditionTest } from "./match/condition-test.ts";
import { truthOf } from "./match/kleene.ts";

/** Number of states that arbitration may be in between two sublayers; 0 is "nobody has decided". */
export const END_STATES = STATES;

/** Bit of an outcome mask: the next filter of the sublayer is asked. The other bits are the states it may end in. */
export const CONTINUES = CONTINUE_OUTCOME;

/** The conditions of a filter on one field: one of them has to hold. */
export interface ProgramGroup {
  readonly fieldKey: Guid;
  /** Position in the value array; -1 where the layer has no such field, whose value nobody can tell then. */
  readonly fieldIndex: number;
  readonly tests: readonly ProgramTest[];
}

/** One condition, and the test that the engine itself asks. */
export interface ProgramTest {
  readonly condition: Condition;
  truth(value: Parameters<ConditionTest>[0]): Truth;
  /** The same for conditions that are the same. */
  readonly identity: object;
}

/** A filter that can have an effect, as the engine evaluates it. */
export interface ProgramFilter {
  readonly filter: Filter;
  readonly groups: readonly ProgramGroup[];
  /** Bits of the field FLAGS that the filter's callout looks at (IPsec's do); 0 for nothing beyond the conditions. */
  readonly flagsLookedAt: number;
  /**
   * What a match can do in a state: {@link CONTINUES} and bits of ending states, several where a callout's code is not known, or looks at
   * more than `flags`.
   */
  outcomes(state: number, flags: number): number;
  /** The state after the sublayer ended with `outcome`. */
  after(state: number, outcome: number): number;
}

/** One sublayer's filters: by descending weight, as they are asked. */
export interface ProgramSubLayer {
  readonly subLayerKey: Guid;
  readonly subLayerName: string;
  readonly weight: number;
  readonly filters: readonly ProgramFilter[];
}

/** A layer's filters in the order of evaluation: sublayers from the highest weight down. */
export interface LayerProgram {
  readonly layer: Layer;
  readonly subLayers: readonly ProgramSubLayer[];
}

/** Whether a state at the end of a layer is a block; every other is a permit (WFP-SEMANTICS 3.4). */
export function endsWithBlock(state: number): boolean {
  return isBlock(state);
}

/** Whether only a callout's veto can still change a decision (FWPS_RIGHT_ACTION_WRITE is gone). */
export function isFinalState(state: number): boolean {
  return isHard(state);
}

/** Whether the filter that led from one state to the other is the one that is reported. */
export function replacesDecision(before: number, after: number): boolean {
  return takesOver(before, after);
}

/** The program of a compiled layer. Filters that cannot have an effect are left out. */
export function layerProgram({ layer, spans, filters }: CompiledLayer, interpretation: Interpretation): LayerProgram {
  return {
    layer,
    subLayers: spans.map(({ subLayerKey, subLayerName, weight, start, end }) => ({
      subLayerKey,
      subLayerName,
      weight,
      filters: filters
        .slice(start, end)
        .filter(({ callout, filter }) => callout === null || !isIneffective(callout, filter))
        .map((compiled) => programFilter(compiled, layer, interpretation)),
    })),
  };
}

/** What a callout may do whose code looks at more than can be told here. */
const ANYTHING = (1 << STATES) - 1;

function programFilter(compiled: CompiledFilter, layer: Layer, interpretation: Interpretation): ProgramFilter {
  const { filter, groups, outcomes, source, callout } = compiled;
  const flagsIndex = layer.fields.find(({ key }) => key === FIELD_KEY.FLAGS)?.index ?? -1;
  const model = callout?.state.kind === "model" ? callout.state.callout : undefined;
  const isBuiltIn = callout !== null && model !== undefined && builtInCallout(callout.key) === model;
  const looksAtFlags = isBuiltIn && model.knows !== undefined && flagsIndex >= 0;
  return {
    filter,
    groups: groups.map(({ fieldKey, fieldIndex, tests, positions }) => ({
      fieldKey,
      fieldIndex,
      tests: tests.flatMap((test, index) => {
        const condition = filter.conditions[positions[index] ?? -1];
        return condition === undefined ? [] : [{ condition, identity: test, truth: (value) => truthOf(test(value)) }];
      }),
    })),
    flagsLookedAt: looksAtFlags ? CONDITION_FLAG.IS_IPSEC_SECURED : 0,
    outcomes(state, flags) {
      if (callout === null) return outcomes;
      if (model !== undefined && !isBuiltIn) return ANYTHING;
      const values: FieldValue[] = [];
      if (flagsIndex >= 0) values[flagsIndex] = uint32(flags);
      return calloutOutcomes(callout, filter, state, false, { layer, values, context: NO_CONTEXT, interpretation });
    },
    after: (state, outcome) => mergeState(state, outcome, callout === null ? source : calloutSource(callout)),
  };
}
