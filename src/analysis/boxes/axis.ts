import type { ProgramTest } from "../../engine/index.ts";
import { type DataType, EMPTY, type FwpValue } from "../../model/index.ts";
import { fieldClasses } from "../space/field-classes.ts";
import { greatestOf, intervalsOf, valueAt } from "../space/ordinal.ts";

/** Coordinates from `low` to `high`, both in it. */
export interface Span {
  readonly low: number;
  readonly high: number;
}

/** One field as a line of coordinates: what is between two coordinates no condition tells apart. */
export interface Axis {
  readonly size: number;
  /** Where a condition holds, in order and apart. */
  spans(test: ProgramTest): readonly Span[];
  /** A value at a coordinate. */
  value(coordinate: number): FwpValue;
}

/** The axis of a field: segments in the order of numbers and addresses; classes of any other type side by side. */
export function axisOf(type: DataType, tests: readonly ProgramTest[]): Axis {
  const intervals = tests.map(({ condition }) => intervalsOf(condition.matchType, condition.value, type));
  return greatestOf(type) === undefined || intervals.includes(undefined) ? new ClassAxis(type, tests) : new SegmentAxis(type, tests);
}

/** Coordinate 0 is the empty field, then the segments between the points at which some condition changes its answer. */
class SegmentAxis implements Axis {
  readonly size: number;
  readonly #type: DataType;
  readonly #starts: readonly bigint[];
  readonly #positions: ReadonlyMap<bigint, number>;

  constructor(type: DataType, tests: readonly ProgramTest[]) {
    this.#type = type;
    const greatest = greatestOf(type) ?? 0n;
    const points = new Set<bigint>([0n]);
    for (const { condition } of tests) {
      for (const { low, high } of intervalsOf(condition.matchType, condition.value, type) ?? []) {
        points.add(low);
        if (high < greatest) points.add(high + 1n);
      }
    }
    this.#starts = [...points].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
    this.#positions = new Map(this.#starts.map((start, index) => [start, index + 1]));
    this.size = this.#starts.length + 1;
  }

  spans(test: ProgramTest): readonly Span[] {
    const spans: Span[] = test.truth(EMPTY) === "true" ? [{ low: 0, high: 0 }] : [];
    for (const { low, high } of intervalsOf(test.condition.matchType, test.condition.value, this.#type) ?? []) {
      const last = (this.#positions.get(high + 1n) ?? this.size) - 1;
      spans.push({ low: this.#positions.get(low) ?? 1, high: last });
    }
    return spans;
  }

  value(coordinate: number): FwpValue {
    return coordinate === 0 ? EMPTY : valueAt(this.#type, this.#starts[coordinate - 1] ?? 0n);
  }
}

class ClassAxis implements Axis {
  readonly size: number;
  readonly #classes: ReturnType<typeof fieldClasses>;

  constructor(type: DataType, tests: readonly ProgramTest[]) {
    this.#classes = fieldClasses(type, tests, []);
    this.size = this.#classes.size;
  }

  spans(test: ProgramTest): readonly Span[] {
    const members = this.#classes.members(test);
    const spans: { low: number; high: number }[] = [];
    for (let index = 0; index < members.length; index++) {
      if (members[index] !== 1) continue;
      const last = spans.at(-1);
      if (last !== undefined && last.high === index - 1) last.high = index;
      else spans.push({ low: index, high: index });
    }
    return spans;
  }

  value(coordinate: number): FwpValue {
    return this.#classes.representative(coordinate);
  }
}

/** Spans of several conditions of which one has to hold. */
export function united(lists: readonly (readonly Span[])[]): readonly Span[] {
  const sorted = lists.flat().toSorted((a, b) => a.low - b.low);
  const result: { low: number; high: number }[] = [];
  for (const { low, high } of sorted) {
    const last = result.at(-1);
    if (last !== undefined && low <= last.high + 1) last.high = Math.max(last.high, high);
    else result.push({ low, high });
  }
  return result;
}
