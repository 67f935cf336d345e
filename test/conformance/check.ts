import { CASES } from "./cases.ts";

/** A case's check: it throws (node:assert) where the model does something else than the case says. */
export type Check = () => void;

const checks = new Map<string, Check>();

/** Registers the check of case `id`. */
export function conforms(id: string, check: Check): void {
  if (!CASES.some((known) => known.id === id)) throw new RangeError(`${id} is no case of the specification`);
  if (checks.has(id)) throw new RangeError(`${id} is checked twice`);
  checks.set(id, check);
}

export function checkOf(id: string): Check | undefined {
  return checks.get(id);
}
