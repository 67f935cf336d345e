import type { ProgramTest } from "../../engine/index.ts";
import type { FwpValue, MatchType } from "../../model/index.ts";
import { BudgetExceeded } from "../bdd/budget-exceeded.ts";

type TextType = "FWP_BYTE_BLOB_TYPE" | "FWP_UNICODE_STRING_TYPE";
/** A blob's bytes or a string's code units. */
type Units = readonly number[];

/** Spellings of one case-insensitive constant that are tried where order or endings matter too. */
const MOST_SPELLINGS = 4096;

const orders: ReadonlySet<MatchType> = new Set<MatchType>([
  "FWP_MATCH_GREATER",
  "FWP_MATCH_LESS",
  "FWP_MATCH_GREATER_OR_EQUAL",
  "FWP_MATCH_LESS_OR_EQUAL",
  "FWP_MATCH_RANGE",
]);

/**
 * Blobs or strings that between them show every combination of answers that the tests can give.
 *
 * Constants cut the order (memcmp, then the shorter one) into themselves and gaps; within a gap only the longest of the tests' endings
 * counts, for PREFIX means "ends with" (WFP-SEMANTICS 2.3). A gap between `a` and `b` is either `a` and a few NULs, which are listed, or
 * has everything that begins with `a` and enough NULs, and then something with each ending. Spellings that are equal but for case are
 * finitely many and listed too. @throws BudgetExceeded where there are too many of those.
 */
export function textSamples(type: TextType, tests: readonly ProgramTest[]): FwpValue[] {
  const constants = tests.flatMap(({ condition: { value } }) => (value.type === "FWP_RANGE_TYPE" ? [value.low, value.high] : [value]));
  const own = constants.flatMap((value) => unitsOf(value, type));
  const endings = [
    [],
    ...tests.flatMap((test) => (isEnding(test) ? unitsOf(test.condition.value, type).map((units) => stringPart(units, type)) : [])),
  ];
  const points = sorted([[], ...own, ...endings, ...endings.map((units) => [...units, 0, 0])]);
  const found: Units[] = [...points];
  const ordered = tests.some(({ condition: { matchType } }) => orders.has(matchType));
  const longest = Math.max(...points.map((point) => point.length));
  const beginnings = ordered ? points.flatMap((point, index) => beginningsAfter(point, points[index + 1], found)) : [[]];
  for (const beginning of beginnings) {
    for (const ending of endings) {
      const filler = fillerBefore(ending, endings);
      for (const length of [longest + 1, longest + 2]) {
        const text = [...beginning, ...new Array<number>(length).fill(filler), ...ending];
        found.push(text, [...text, 0, 0]);
      }
    }
  }
  if (type === "FWP_UNICODE_STRING_TYPE") {
    const delicate = ordered || endings.length > 1;
    for (const { condition } of tests) {
      if (condition.matchType !== "FWP_MATCH_EQUAL_CASE_INSENSITIVE") continue;
      for (const units of unitsOf(condition.value, type)) found.push(...spellings(units, delicate, own.length + 1));
    }
  }
  // The empty text last: it makes a bad example of a class that has others.
  return [...found.filter(({ length }) => length > 0), []].map((units) => textValue(units, type));
}

function isEnding({ condition: { matchType } }: ProgramTest): boolean {
  return matchType === "FWP_MATCH_PREFIX" || matchType === "FWP_MATCH_NOT_PREFIX";
}

function unitsOf(value: FwpValue, type: TextType): Units[] {
  if (value.type === "FWP_BYTE_BLOB_TYPE" && type === value.type) return [[...value.value]];
  if (value.type !== "FWP_UNICODE_STRING_TYPE" || type !== value.type) return [];
  const text = value.value;
  return [Array.from({ length: text.length }, (_, index) => text.charCodeAt(index))];
}

function textValue(units: Units, type: TextType): FwpValue {
  return type === "FWP_BYTE_BLOB_TYPE"
    ? { type, value: Uint8Array.from(units) }
    : { type, value: units.map((unit) => String.fromCharCode(unit)).join("") };
}

/** What endings of blobs are compared: without one terminating UTF-16 NUL. */
function stringPart(units: Units, type: TextType): Units {
  const { length } = units;
  const terminated = type === "FWP_BYTE_BLOB_TYPE" && length >= 2 && length % 2 === 0 && units[length - 1] === 0 && units[length - 2] === 0;
  return terminated ? units.slice(0, -2) : units;
}

function compare(a: Units, b: Units): number {
  for (let index = 0; index < Math.min(a.length, b.length); index++) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

function sorted(list: readonly Units[]): Units[] {
  const all = list.toSorted(compare);
  return all.filter((units, index) => index === 0 || compare(all[index - 1] ?? [], units) !== 0);
}

/** A beginning whose every continuation lies between two points; a gap without one is listed in `found`, all of it. */
function beginningsAfter(point: Units, next: Units | undefined, found: Units[]): Units[] {
  const nuls = (count: number) => [...point, ...new Array<number>(count).fill(0)];
  if (next === undefined) return [nuls(1)];
  const extra = next.length - point.length;
  if (extra > 0 && compare(nuls(extra), next) === 0) {
    for (let count = 1; count < extra; count++) found.push(nuls(count));
    return [];
  }
  return [nuls(Math.max(1, extra + 1))];
}

/** A unit that does not make an ending another one's end, however often it stands before it. */
function fillerBefore(ending: Units, endings: readonly Units[]): number {
  const taken = new Set<number>();
  for (const other of endings) {
    const at = other.length - ending.length - 1;
    if (at >= 0 && ending.every((unit, index) => other[at + 1 + index] === unit)) taken.add(other[at] ?? 0);
  }
  let filler = 0x78;
  while (taken.has(filler)) filler = filler === 0xff ? 1 : filler + 1 === 0x78 ? 0 : filler + 1;
  return filler;
}

let byUpper: Map<number, number[]> | undefined;

/** The code units that are this one in upper case, code unit by code unit as Windows compares. */
function casesOf(unit: number): readonly number[] {
  if (byUpper === undefined) {
    byUpper = new Map();
    for (let each = 0; each < 0x10000; each++) {
      const upper = upperOf(each);
      const list = byUpper.get(upper);
      if (list === undefined) byUpper.set(upper, [each]);
      else list.push(each);
    }
  }
  return byUpper.get(upperOf(unit)) ?? [unit];
}

function upperOf(unit: number): number {
  const upper = String.fromCharCode(unit).toUpperCase();
  return upper.length === 1 ? upper.charCodeAt(0) : unit;
}

/** Texts that are equal but for case: all of them if that matters, else `enough`. */
function spellings(units: Units, all: boolean, enough: number): Units[] {
  let found: Units[] = [[]];
  for (const unit of units) {
    const next = found.flatMap((start) => casesOf(unit).map((variant) => [...start, variant]));
    if (all && next.length > MOST_SPELLINGS) throw new BudgetExceeded(MOST_SPELLINGS);
    found = all ? next : next.slice(0, enough);
  }
  return found;
}
