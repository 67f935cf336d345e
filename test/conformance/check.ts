import { existsSync } from "node:fs";
import { CASES } from "./cases.ts";

/** A case's check: it throws (node:assert) where the model does something else than the case says. */
export type Check = () => void;

const checks = new Map<string, Check>();
const files = new Map<string, URL>();

/** Registers the check of case `id`. `needs`: a file beside the project that the case is about. */
export function conforms(id: string, check: Check, needs?: URL): void {
  if (!CASES.some((known) => known.id === id)) throw new RangeError(`${id} is no case of the specification`);
  if (checks.has(id)) throw new RangeError(`${id} is checked twice`);
  checks.set(id, check);
  if (needs !== undefined) files.set(id, needs);
}

export function checkOf(id: string): Check | undefined {
  return checks.get(id);
}

/** Name of the file without which a case cannot be run here. */
export function missingFor(id: string): string | undefined {
  const file = files.get(id);
  return file === undefined || existsSync(file) ? undefined : file.pathname.split("/").at(-1);
}
