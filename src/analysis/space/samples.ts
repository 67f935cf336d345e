import type { ProgramTest } from "../../engine/index.ts";
import { bitsOf, type DataType, type FwpValue, type Sid } from "../../model/index.ts";
import { flagSamples } from "./flag-samples.ts";
import { greatestOf } from "./ordinal.ts";
import { textSamples } from "./text-samples.ts";

/**
 * Values of a type such that every combination of answers that the tests can give is given by one of them: what no sample shows does not
 * exist, which proofs rely on. The empty field is left to the caller.
 */
export function samplesOf(type: DataType, tests: readonly ProgramTest[]): readonly FwpValue[] {
  if (greatestOf(type) !== undefined) return flagSamples(type, tests);
  const constants = tests.flatMap(({ condition: { value } }) => (value.type === "FWP_RANGE_TYPE" ? [value.low, value.high] : [value]));
  const own = constants.filter((value) => value.type === type);
  switch (type) {
    case "FWP_BYTE_BLOB_TYPE":
      return [blob("\\device\\harddiskvolume3\\any other program.exe"), ...textSamples(type, tests)];
    case "FWP_UNICODE_STRING_TYPE":
      return [{ type, value: "any other" }, ...textSamples(type, tests)];
    case "FWP_SID":
      return [{ type, value: "S-1-0-0" }, ...own, { type, value: sidBesides(own) }];
    case "FWP_INT8":
    case "FWP_INT16":
    case "FWP_INT32":
    case "FWP_INT64":
      return signedSamples(type, own);
    case "FWP_FLOAT":
    case "FWP_DOUBLE":
      return floatSamples(own).map((value) => ({ type, value }));
    case "FWP_BITMAP_INDEX_TYPE":
      // The index names a bit of 64; larger ones name none.
      return [...Array.from({ length: 66 }, (_, value): FwpValue => ({ type, value })), ...own.flatMap((value) => indexNeighbours(value))];
    case "FWP_BITMAP_ARRAY64_TYPE":
      return [...own, { type, value: besides(own) }];
    default:
      return own;
  }
}

function blob(text: string): FwpValue {
  const value = new Uint8Array(text.length * 2 + 2);
  for (let index = 0; index < text.length; index++) value[index * 2] = text.charCodeAt(index);
  return { type: "FWP_BYTE_BLOB_TYPE", value };
}

/** The package of a program that no test names. */
function sidBesides(own: readonly FwpValue[]): Sid {
  const named = new Set(own.map((value) => ("value" in value ? value.value : "")));
  let last = 7;
  while (named.has(`S-1-15-2-1-2-3-4-5-6-${last}`)) last++;
  return `S-1-15-2-1-2-3-4-5-6-${last}`;
}

/** Constants, their neighbours and the ends of the type: every stretch between two constants has one of them. */
function signedSamples(type: "FWP_INT8" | "FWP_INT16" | "FWP_INT32" | "FWP_INT64", own: readonly FwpValue[]): FwpValue[] {
  const top = 1n << BigInt((bitsOf(type) ?? 8) - 1);
  const numbers = own.flatMap((value) => {
    const number = "value" in value && (typeof value.value === "number" || typeof value.value === "bigint") ? BigInt(value.value) : 0n;
    return [number - 1n, number, number + 1n];
  });
  return [0n, ...numbers, -top, top - 1n]
    .filter((number) => number >= -top && number < top)
    .map((number) => (type === "FWP_INT64" ? { type, value: number } : { type, value: Number(number) }));
}

/** Constants, what lies between two of them, both infinities, and what is no number. */
function floatSamples(own: readonly FwpValue[]): number[] {
  const constants = own.flatMap((value) => ("value" in value && typeof value.value === "number" ? [value.value] : []));
  const points = [Number.NEGATIVE_INFINITY, ...constants, Number.POSITIVE_INFINITY].sort((a, b) => a - b);
  const between = points.flatMap((low, index) => {
    const high = points[index + 1] ?? Number.POSITIVE_INFINITY;
    if (low === Number.NEGATIVE_INFINITY) return high === Number.POSITIVE_INFINITY ? [0] : [high - Math.abs(high) - 1];
    return high === Number.POSITIVE_INFINITY ? [low + Math.abs(low) + 1] : [low / 2 + high / 2];
  });
  return [...points, ...between, Number.NaN];
}

function indexNeighbours(value: FwpValue): FwpValue[] {
  if (value.type !== "FWP_BITMAP_INDEX_TYPE") return [];
  const { type, value: number } = value;
  return [number - 1, number, number + 1].filter((index) => index >= 0).map((index) => ({ type, value: index }));
}

/** A number that is none of the constants. */
function besides(own: readonly FwpValue[]): bigint {
  const named = new Set(own.map((value) => ("value" in value ? value.value : undefined)));
  let number = 0n;
  while (named.has(number)) number++;
  return number;
}
