import { type Guid, parseGuid, ZERO_GUID } from "../../model/index.ts";

/** FNV-1a over the UTF-16 code units of `text`, from `seed`. */
function hash(text: string, seed: number): number {
  let value = seed;
  for (let index = 0; index < text.length; index++) value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  return value >>> 0;
}

/**
 * A GUID that depends on `text` alone, so that compiling the same rules twice gives the same keys and a diff of two policies pairs
 * their filters up. Marked as version 8 of RFC 9562 (vendor's own derivation).
 */
export function stableKey(text: string): Guid {
  const hex = [0x811c9dc5, 0x050c5d1f, 0x9747b28c, 0x2545f491].map((seed) => hash(text, seed).toString(16).padStart(8, "0")).join("");
  const guid = `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-9${hex.slice(17, 20)}-${hex.slice(20)}`;
  return parseGuid(guid) ?? ZERO_GUID;
}
