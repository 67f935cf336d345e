import type { ProgramTest } from "../../engine/index.ts";
import { type DataType, EMPTY, type FieldValue, type FwpValue, UNKNOWN } from "../../model/index.ts";
import { greatestOf, type Interval, intervalsOf, numberOf, valueAt } from "./ordinal.ts";
import { samplesOf } from "./samples.ts";

/**
 * The values of a field in classes that none of some conditions tells apart. Class by class the engine's own tests were asked about a value
 * of it, so that what is found for classes holds for values. The empty field is a class of its own unless it is like another one.
 */
export interface FieldClasses {
  readonly size: number;
  /** All classes, those whose values people know before the rest, the empty field last. */
  readonly ordinary: readonly number[];
  /** A value to stand for a class, one that people know if there is one. */
  representative(index: number): FwpValue;
  /** How many values a class has; undefined where the type cannot be counted. */
  weight(index: number): bigint | undefined;
  /** Whether a class surely has one value only, which its representative then is. */
  isSingle(index: number): boolean;
  /** Classes for which a test holds: 1 per class. */
  members(test: ProgramTest): Uint8Array;
  /** Class of a value; -1 for one of another type. */
  classOf(value: FwpValue): number;
  /** The values of a class as intervals, where the type has an order; "empty" tells whether the empty field is in it. */
  intervals(index: number): { readonly intervals: readonly Interval[]; readonly empty: boolean } | undefined;
}

/** Classes of a field of `type` under some tests; `known` are values that make good representatives, the best first. */
export function fieldClasses(type: DataType, tests: readonly ProgramTest[], known: readonly FwpValue[]): FieldClasses {
  const distinct = [...new Map(tests.map((test) => [test.identity, test])).values()];
  const ordered =
    greatestOf(type) === undefined ? undefined : distinct.map(({ condition }) => intervalsOf(condition.matchType, condition.value, type));
  return ordered === undefined || ordered.includes(undefined)
    ? new SampledClasses(type, distinct, known)
    : new OrderedClasses(type, distinct, ordered as readonly (readonly Interval[])[], known);
}

const holds = (test: ProgramTest, value: FieldValue): boolean => test.truth(value) === "true";

function ordinaryFirst(classes: Pick<FieldClasses, "size" | "classOf" | "representative">, known: readonly FwpValue[]): readonly number[] {
  const all = Array.from({ length: classes.size }, (_, index) => index);
  const isEmpty = (index: number) => classes.representative(index).type === "FWP_EMPTY";
  const order = [
    ...known.map((value) => classes.classOf(value)).filter((index) => index >= 0),
    ...all.filter((index) => !isEmpty(index)),
    ...all,
  ];
  return [...new Set(order)];
}

/** Numbers class by number of the set it belongs to: refines them by one set after the other. */
class Partition {
  readonly classes: Int32Array;
  #count = 1;

  constructor(length: number) {
    this.classes = new Int32Array(length);
  }

  /** Parts the members of a set from the rest. */
  refine(members: Iterable<number>): void {
    const inside = new Map<number, number>();
    for (const member of members) {
      const before = this.classes[member] as number;
      let after = inside.get(before);
      if (after === undefined) {
        after = this.#count++;
        inside.set(before, after);
      }
      this.classes[member] = after;
    }
  }

  /** Numbers the classes that are left from 0, in the order of their first members; returns how many there are. */
  renumber(): number {
    const numbers = new Map<number, number>();
    for (let member = 0; member < this.classes.length; member++) {
      const old = this.classes[member] as number;
      let number = numbers.get(old);
      if (number === undefined) {
        number = numbers.size;
        numbers.set(old, number);
      }
      this.classes[member] = number;
    }
    return numbers.size;
  }
}

/** Classes of an ordinal type: segments between the points at which some test's answer changes. Segment 0 is the empty field. */
class OrderedClasses implements FieldClasses {
  readonly size: number;
  readonly ordinary: readonly number[];
  readonly #type: DataType;
  readonly #greatest: bigint;
  /** First number of each segment from 1 on. */
  readonly #starts: readonly bigint[];
  readonly #partition: Partition;
  readonly #members = new Map<object, Uint8Array>();
  readonly #representatives: readonly FwpValue[];

  constructor(type: DataType, tests: readonly ProgramTest[], intervals: readonly (readonly Interval[])[], known: readonly FwpValue[]) {
    this.#type = type;
    this.#greatest = greatestOf(type) ?? 0n;
    const points = new Set<bigint>([0n]);
    for (const list of intervals) {
      for (const { low, high } of list) {
        points.add(low);
        if (high < this.#greatest) points.add(high + 1n);
      }
    }
    this.#starts = [...points].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
    this.#partition = new Partition(this.#starts.length + 1);
    const segments = tests.map((test, index) => this.#segmentsOf(test, intervals[index] ?? []));
    for (const list of segments) this.#partition.refine(list);
    this.size = this.#partition.renumber();
    for (const [index, test] of tests.entries()) {
      const members = new Uint8Array(this.size);
      for (const segment of segments[index] ?? []) members[this.#partition.classes[segment] as number] = 1;
      this.#members.set(test.identity, members);
    }
    this.#representatives = this.#chosen(known);
    this.ordinary = ordinaryFirst(this, known);
  }

  representative(index: number): FwpValue {
    return this.#representatives[index] ?? EMPTY;
  }

  weight(index: number): bigint {
    let sum = 0n;
    const found = this.intervals(index);
    for (const { low, high } of found.intervals) sum += high - low + 1n;
    return found.empty ? sum + 1n : sum;
  }

  isSingle(index: number): boolean {
    return this.weight(index) === 1n;
  }

  members(test: ProgramTest): Uint8Array {
    return this.#members.get(test.identity) ?? this.#asked(test);
  }

  classOf(value: FwpValue): number {
    if (value.type === "FWP_EMPTY") return this.#partition.classes[0] as number;
    return value.type === this.#type ? (this.#partition.classes[this.#segmentAt(numberOf(value))] as number) : -1;
  }

  intervals(index: number): { readonly intervals: readonly Interval[]; readonly empty: boolean } {
    const intervals: { low: bigint; high: bigint }[] = [];
    for (const [position, low] of this.#starts.entries()) {
      if (this.#partition.classes[position + 1] !== index) continue;
      const high = (this.#starts[position + 1] ?? this.#greatest + 1n) - 1n;
      const last = intervals.at(-1);
      if (last !== undefined && last.high + 1n === low) last.high = high;
      else intervals.push({ low, high });
    }
    return { intervals, empty: this.#partition.classes[0] === index };
  }

  /** A test that was not among those the classes were made for: asked about every representative. */
  #asked(test: ProgramTest): Uint8Array {
    return Uint8Array.from({ length: this.size }, (_, index) => (holds(test, this.representative(index)) ? 1 : 0));
  }

  #segmentsOf(test: ProgramTest, intervals: readonly Interval[]): number[] {
    const segments: number[] = [];
    if (holds(test, EMPTY)) segments.push(0);
    for (const { low, high } of intervals) {
      const last = this.#segmentAt(high);
      for (let segment = this.#segmentAt(low); segment <= last; segment++) segments.push(segment);
    }
    return segments;
  }

  #segmentAt(number: bigint): number {
    let low = 0;
    let high = this.#starts.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#starts[middle] as bigint) <= number) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #chosen(known: readonly FwpValue[]): FwpValue[] {
    const chosen: FwpValue[] = [];
    for (const value of known) {
      const index = this.classOf(value);
      if (index >= 0) chosen[index] ??= value;
    }
    // Else the widest stretch's tenth value: not an edge, not a network's own address.
    const widest: bigint[] = [];
    for (const [position, low] of this.#starts.entries()) {
      const index = this.#partition.classes[position + 1] as number;
      if (chosen[index] !== undefined && widest[index] === undefined) continue;
      const width = (this.#starts[position + 1] ?? this.#greatest + 1n) - low;
      if (width <= (widest[index] ?? 0n)) continue;
      widest[index] = width;
      chosen[index] = valueAt(this.#type, width > 9n ? low + 9n : low);
    }
    chosen[this.#partition.classes[0] as number] ??= EMPTY;
    return chosen;
  }
}

/** Classes of a type without an order, or of flags: of samples that show every answer there is. */
class SampledClasses implements FieldClasses {
  readonly size: number;
  readonly ordinary: readonly number[];
  readonly #type: DataType;
  readonly #tests: readonly ProgramTest[];
  readonly #representatives: FwpValue[] = [];
  readonly #bySignature = new Map<string, number>();

  constructor(type: DataType, tests: readonly ProgramTest[], known: readonly FwpValue[]) {
    this.#type = type;
    this.#tests = tests;
    for (const sample of [...known, ...samplesOf(type, tests), EMPTY]) {
      const signature = this.#signature(sample);
      if (this.#bySignature.has(signature)) continue;
      this.#bySignature.set(signature, this.#representatives.length);
      this.#representatives.push(sample);
    }
    this.size = this.#representatives.length;
    this.ordinary = ordinaryFirst(this, known);
  }

  representative(index: number): FwpValue {
    return this.#representatives[index] ?? EMPTY;
  }

  weight(): undefined {
    return undefined;
  }

  isSingle(index: number): boolean {
    const own = this.representative(index);
    if (own.type === "FWP_EMPTY") return true;
    return this.#tests.some((test) => {
      const { matchType, value } = test.condition;
      return matchType === "FWP_MATCH_EQUAL" && value.type === this.#type && holds(test, own);
    });
  }

  members(test: ProgramTest): Uint8Array {
    return Uint8Array.from(this.#representatives, (value) => (holds(test, value) ? 1 : 0));
  }

  classOf(value: FwpValue): number {
    if (value.type !== this.#type && value.type !== "FWP_EMPTY") return -1;
    return this.#bySignature.get(this.#signature(value)) ?? -1;
  }

  intervals(): undefined {
    return undefined;
  }

  #signature(value: FieldValue): string {
    if (value === UNKNOWN) return "";
    let signature = "";
    for (const [index, test] of this.#tests.entries()) if (holds(test, value)) signature += `${index} `;
    return signature;
  }
}
