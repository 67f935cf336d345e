import { type FieldValue, formatValue, type Layer, UNKNOWN } from "../model/index.ts";

/** One line of `--json`: a plain object that JSON.stringify can print. 64-bit numbers are decimal strings. */
export type JsonRecord = Readonly<Record<string, unknown>>;

/** A record of the current version of the JSON contract (docs/json.md). */
export function jsonRecord(type: string, members: Readonly<Record<string, unknown>>): JsonRecord {
  return { v: 1, type, ...members };
}

/** Seconds with microseconds: simulated clocks add floating-point dust. */
export function jsonSeconds(time: number): number {
  return Math.round(time * 1e6) / 1e6;
}

/** The indicated values by field name; unknown ones are left out, empty ones null. */
export function jsonFields(layer: Layer, values: readonly FieldValue[]): JsonRecord {
  const told = layer.fields.flatMap((field): [string, string | null][] => {
    const value = values[field.index] ?? UNKNOWN;
    return value === UNKNOWN ? [] : [[field.name, value.type === "FWP_EMPTY" ? null : formatValue(value, field)]];
  });
  return Object.fromEntries(told);
}
