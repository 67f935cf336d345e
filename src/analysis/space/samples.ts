import type { ProgramTest } from "../../engine/index.ts";
import type { DataType, FwpValue } from "../../model/index.ts";
import { greatestOf, numberOf, valueAt } from "./ordinal.ts";

/** Bits of flags of which every combination is tried; with more, each alone, each missing, and each pair. */
const ALL_COMBINATIONS = 12;

/** Values of a type such that every combination of answers that the tests can give is given by one of them. */
export function samplesOf(type: DataType, tests: readonly ProgramTest[]): readonly FwpValue[] {
  const constants = tests.flatMap(({ condition: { value } }) => (value.type === "FWP_RANGE_TYPE" ? [value.low, value.high] : [value]));
  const own = constants.filter((value) => value.type === type);
  if (greatestOf(type) !== undefined)
    return [...flagSamples(type, tests, constants), ...own.flatMap((value) => neighbours(type, numberOf(value)))];
  switch (type) {
    case "FWP_BYTE_BLOB_TYPE":
      return [...own.flatMap((value) => blobSamples(value)), ...blobSamples(blob("\\device\\harddiskvolume3\\any other program.exe"))];
    case "FWP_UNICODE_STRING_TYPE":
      return [...own, ...own.flatMap((value) => stringSamples(value)), { type, value: "any other" }, { type, value: "" }];
    case "FWP_SID":
      return [{ type, value: "S-1-0-0" }, { type, value: "S-1-15-2-1-2-3-4-5-6-7" }, ...own];
    case "FWP_BITMAP_INDEX_TYPE":
      return Array.from({ length: 64 }, (_, value) => ({ type, value }));
    default:
      return own;
  }
}

function neighbours(type: DataType, number: bigint): FwpValue[] {
  const greatest = greatestOf(type) ?? 0n;
  return [number - 1n, number, number + 1n].filter((value) => value >= 0n && value <= greatest).map((value) => valueAt(type, value));
}

/** Combinations of the bits that flag conditions and odd masks look at. */
function flagSamples(type: DataType, tests: readonly ProgramTest[], constants: readonly FwpValue[]): FwpValue[] {
  let mask = 0n;
  for (const { condition } of tests) {
    if (condition.matchType.startsWith("FWP_MATCH_FLAGS") && condition.value.type === type) mask |= numberOf(condition.value);
    if (condition.value.type === "FWP_V4_ADDR_MASK") mask |= BigInt(condition.value.mask >>> 0);
  }
  const bits: bigint[] = [];
  for (let bit = 1n; bit <= mask; bit <<= 1n) if ((mask & bit) !== 0n) bits.push(bit);
  const base = constants
    .filter((value) => value.type === "FWP_V4_ADDR_MASK")
    .map((value) => BigInt((value as { address: number }).address >>> 0));
  if (bits.length <= ALL_COMBINATIONS) {
    return Array.from({ length: 1 << bits.length }, (_, choice) =>
      valueAt(
        type,
        bits.reduce((sum, bit, index) => (((choice >> index) & 1) === 1 ? sum | bit : sum), 0n),
      ),
    );
  }
  const pairs = bits.flatMap((a, index) => bits.slice(index).flatMap((b) => [a | b, mask & ~(a | b)]));
  return [0n, mask, ...pairs, ...base].map((number) => valueAt(type, number));
}

function blob(text: string): FwpValue {
  const bytes = new Uint8Array(text.length * 2 + 2);
  for (let index = 0; index < text.length; index++) {
    bytes[index * 2] = text.charCodeAt(index) & 255;
    bytes[index * 2 + 1] = text.charCodeAt(index) >> 8;
  }
  return { type: "FWP_BYTE_BLOB_TYPE", value: bytes };
}

/** The blob, the next one in order, one that ends with it, and the same string in capitals. */
function blobSamples(value: FwpValue): FwpValue[] {
  if (value.type !== "FWP_BYTE_BLOB_TYPE") return [];
  const { type, value: bytes } = value;
  const upper = bytes.map((byte, index) => (index % 2 === 0 && bytes[index + 1] === 0 && byte >= 0x61 && byte <= 0x7a ? byte - 32 : byte));
  return [value, { type, value: Uint8Array.of(...bytes, 0) }, { type, value: Uint8Array.of(0x78, 0, ...bytes) }, { type, value: upper }];
}

function stringSamples(value: FwpValue): FwpValue[] {
  if (value.type !== "FWP_UNICODE_STRING_TYPE") return [];
  const { type, value: text } = value;
  return [`${text}x`, `x${text}`, text.toUpperCase()].map((other) => ({ type, value: other }));
}
