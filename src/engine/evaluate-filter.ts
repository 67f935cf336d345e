import {
  type ConditionResult,
  FILTER_FLAG,
  type FieldValue,
  type Filter,
  type Guid,
  type Interpretation,
  type Layer,
  UNKNOWN,
} from "../model/index.ts";
import { outcomeOfStatic, SOURCE_STATIC, type Source } from "./arbitrate.ts";
import type { CalloutBinding } from "./callout-binding.ts";
import type { ConditionTest } from "./match/condition-test.ts";
import { FALSE, type Kleene, MAYBE, TRUE, truthOf } from "./match/kleene.ts";

/** The conditions of a filter on one field: one of them has to hold. */
export interface ConditionGroup {
  readonly fieldKey: Guid;
  /** Position in the value array; -1 where the layer has no such field, whose value nobody can tell then. */
  readonly fieldIndex: number;
  readonly tests: readonly ConditionTest[];
  /** Positions of the tests' conditions in the filter. */
  readonly positions: readonly number[];
}

/** A filter ready to be evaluated at its layer. */
export interface CompiledFilter {
  readonly filter: Filter;
  readonly groups: readonly ConditionGroup[];
  /** Outcome mask of a static filter (see arbitrate.ts); 0 for one that names a callout. */
  readonly outcomes: number;
  readonly source: Source;
  readonly callout: CalloutBinding | null;
}

/** Gives the test of the condition at a position of a filter. */
export type TestSource = (filter: Filter, position: number) => ConditionTest;

/**
 * Groups conditions by field. Conditions on one field are OR'ed wherever they stand, or only while adjacent, by
 * {@link Interpretation.sameFieldConditions} (WFP-SEMANTICS 2.2).
 */
function groupConditions(filter: Filter, layer: Layer, interpretation: Interpretation, tests: TestSource): ConditionGroup[] {
  const groups: { fieldKey: Guid; fieldIndex: number; tests: ConditionTest[]; positions: number[] }[] = [];
  const anywhere = interpretation.sameFieldConditions === "any-position";
  for (const [position, condition] of filter.conditions.entries()) {
    const last = groups.at(-1);
    const open = anywhere ? groups.find((group) => group.fieldKey === condition.fieldKey) : last;
    const test = tests(filter, position);
    if (open !== undefined && open.fieldKey === condition.fieldKey) {
      open.tests.push(test);
      open.positions.push(position);
    } else {
      const field = layer.fields.find((candidate) => candidate.key === condition.fieldKey);
      groups.push({ fieldKey: condition.fieldKey, fieldIndex: field?.index ?? -1, tests: [test], positions: [position] });
    }
  }
  return groups;
}

export function compileFilter(
  filter: Filter,
  layer: Layer,
  interpretation: Interpretation,
  tests: TestSource,
  bind: (key: Guid) => CalloutBinding,
): CompiledFilter {
  const { action } = filter;
  const groups = groupConditions(filter, layer, interpretation, tests);
  if ("calloutKey" in action) return { filter, groups, outcomes: 0, source: SOURCE_STATIC, callout: bind(action.calloutKey) };
  const clear = (filter.flags & FILTER_FLAG.CLEAR_ACTION_RIGHT) !== 0;
  const outcomes = outcomeOfStatic(action.type === "FWP_ACTION_PERMIT" ? "permit" : "block", clear);
  return { filter, groups, outcomes, source: SOURCE_STATIC, callout: null };
}

function evaluateGroup(group: ConditionGroup, values: readonly FieldValue[]): Kleene {
  const value = values[group.fieldIndex];
  if (value === undefined || value === UNKNOWN) return MAYBE;
  const { tests } = group;
  let result: Kleene = FALSE;
  for (let index = 0; index < tests.length; index++) {
    const truth = (tests[index] as ConditionTest)(value);
    if (truth === TRUE) return TRUE;
    if (truth === MAYBE) result = MAYBE;
  }
  return result;
}

/** AND over the fields of the OR over each field's conditions; no condition at all is true (WFP-SEMANTICS 2.2). */
export function evaluateFilter(filter: CompiledFilter, values: readonly FieldValue[]): Kleene {
  const { groups } = filter;
  let result: Kleene = TRUE;
  for (let index = 0; index < groups.length; index++) {
    const truth = evaluateGroup(groups[index] as ConditionGroup, values);
    if (truth === FALSE) return FALSE;
    if (truth === MAYBE) result = MAYBE;
  }
  return result;
}

/** Every condition of a filter with its truth, in the filter's order. */
export function conditionResults(filter: CompiledFilter, values: readonly FieldValue[]): ConditionResult[] {
  const results: ConditionResult[] = [];
  for (const group of filter.groups) {
    const value = values[group.fieldIndex] ?? UNKNOWN;
    for (const [index, test] of group.tests.entries()) {
      const position = group.positions[index] ?? 0;
      const condition = filter.filter.conditions[position];
      if (condition !== undefined) results[position] = { condition, truth: truthOf(test(value)) };
    }
  }
  return results;
}

/** The fields that keep a filter's match from being known. */
export function unknownFields(filter: CompiledFilter, values: readonly FieldValue[]): Guid[] {
  return filter.groups.filter((group) => evaluateGroup(group, values) === MAYBE).map((group) => group.fieldKey);
}
