import type { Guid } from "./guid.ts";

const PREFIX = "{name:";

/** A key for something that a file calls by a name whose GUID nobody knows: equal to itself only. */
export function madeUpKey(name: string): Guid {
  return `${PREFIX}${name}}` as Guid;
}

/** The name behind a made-up key; undefined for a GUID. */
export function madeUpName(key: Guid): string | undefined {
  return key.startsWith(PREFIX) ? key.slice(PREFIX.length, -1) : undefined;
}
