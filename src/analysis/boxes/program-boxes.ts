import type { LayerProgram, ProgramFilter, ProgramGroup, ProgramTest } from "../../engine/index.ts";
import { type FieldValue, UNKNOWN } from "../../model/index.ts";
import { type Axis, axisOf, type Span, united } from "./axis.ts";
import { BoxSet } from "./box-set.ts";

/** Boxes that one filter may come to; beyond, its conditions are left to decision diagrams. */
const MOST_BOXES = 256;

/** A sublayer's filters as boxes. */
export interface FilterBoxes {
  readonly filters: readonly ProgramFilter[];
  readonly boxes: BoxSet;
  /** Coordinates of each axis. */
  readonly sizes: readonly number[];
  /** Filters that are no union of few boxes: their boxes are missing. */
  readonly unfit: ReadonlySet<number>;
  /** Values of the layer's fields at some coordinates. */
  values(coordinates: Int32Array): FieldValue[];
}

type AnyAxis = { readonly fieldIndex: number; readonly axis: Axis } | { readonly fieldIndex: number; readonly token: object };

/**
 * Filters of a layer as boxes over its fields. Access checks of different descriptors are taken for independent of each other, each an axis of two
 * coordinates: what is covered then is covered, what is not may be because no token has such an answer.
 */
export function filterBoxes({ layer }: LayerProgram, filters: readonly ProgramFilter[]): FilterBoxes {
  const byField = new Map<number, ProgramTest[]>();
  for (const { groups } of filters) {
    for (const { fieldIndex, tests } of groups) {
      const list = byField.get(fieldIndex);
      if (list === undefined) byField.set(fieldIndex, [...tests]);
      else list.push(...tests);
    }
  }
  const axes: AnyAxis[] = [];
  for (const [fieldIndex, tests] of byField) {
    const field = layer.fields[fieldIndex];
    const distinct = [...new Map(tests.map((test) => [test.identity, test])).values()];
    if (field === undefined || field.dataType.startsWith("FWP_TOKEN"))
      axes.push(...distinct.map(({ identity }) => ({ fieldIndex, token: identity })));
    else axes.push({ fieldIndex, axis: axisOf(field.dataType, distinct) });
  }
  const sizes = axes.map((axis) => ("axis" in axis ? axis.axis.size : 2));
  const boxes = new BoxSet(Math.max(1, axes.length), filters.length);
  const unfit = new Set<number>();
  for (const [index, filter] of filters.entries()) {
    const lists = axes.map((axis) => spansOn(axis, filter.groups));
    if (lists.includes(undefined) || lists.reduce((product, list) => product * (list?.length ?? 0), 1) > MOST_BOXES) unfit.add(index);
    else addProducts(boxes, lists as readonly (readonly Span[])[], sizes);
    boxes.endFilter();
  }
  return {
    filters,
    boxes,
    sizes,
    unfit,
    values: (coordinates) => {
      const values: FieldValue[] = layer.fields.map(() => UNKNOWN);
      for (const [position, axis] of axes.entries())
        if ("axis" in axis) values[axis.fieldIndex] = axis.axis.value(coordinates[position] ?? 0);
      return values;
    },
  };
}

/** Where a filter's conditions hold on an axis; undefined where that is no union of spans of this axis alone. */
function spansOn(axis: AnyAxis, groups: readonly ProgramGroup[]): readonly Span[] | undefined {
  const own = groups.filter(({ fieldIndex }) => fieldIndex === axis.fieldIndex);
  const whole = [{ low: 0, high: ("axis" in axis ? axis.axis.size : 2) - 1 }];
  if (own.length === 0) return whole;
  if (own.length > 1) return undefined;
  const tests = own[0]?.tests ?? [];
  if ("axis" in axis) return united(tests.map((test) => axis.axis.spans(test)));
  // Several access checks OR'ed are no box; one alone is its own axis.
  if (tests.length > 1) return undefined;
  return tests[0]?.identity === axis.token ? [{ low: 1, high: 1 }] : whole;
}

function addProducts(boxes: BoxSet, lists: readonly (readonly Span[])[], sizes: readonly number[]): void {
  const low = new Int32Array(sizes.length);
  const high = new Int32Array(sizes.length);
  const add = (axis: number): void => {
    const list = lists[axis];
    if (list === undefined) {
      boxes.add(low, high);
      return;
    }
    for (const span of list) {
      low[axis] = span.low;
      high[axis] = span.high;
      add(axis + 1);
    }
  };
  add(0);
}
