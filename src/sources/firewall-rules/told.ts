/**
 * What a structured file (JSON, CliXml) says, whichever its syntax: scalars as text, lists, and objects whose members are known by
 * lower-case name, as PowerShell's are.
 */
export type Told = string | null | TellList | TellObject;

export interface TellList {
  readonly kind: "list";
  readonly items: readonly Told[];
}

export interface TellObject {
  readonly kind: "object";
  readonly members: ReadonlyMap<string, Told>;
  /** Line where it begins, from 1. */
  readonly line: number;
}

export function isObject(told: Told | undefined): told is TellObject {
  return typeof told === "object" && told !== null && told.kind === "object";
}

export function isList(told: Told | undefined): told is TellList {
  return typeof told === "object" && told !== null && told.kind === "list";
}

/** Nesting of more levels than anyone writes is refused, so that no file can exhaust the stack. */
export const DEEPEST = 100;
