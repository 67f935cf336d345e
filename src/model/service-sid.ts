import { sha1 } from "./sha1.ts";
import { sha256 } from "./sha256.ts";
import type { Sid } from "./sid.ts";
import { sidOfName } from "./sid-names.ts";

/**
 * The SID of a service by its (short) name: S-1-5-80- and the SHA-1 of the upper-case name in UTF-16LE as five little-endian words
 * ([MS-DTYP] 2.4.2.4, NT SERVICE). Names that Windows does not know have one too.
 */
export function serviceSid(name: string): Sid {
  return `S-1-5-80-${words(sha1(upperUtf16(name)))}`;
}

export function isServiceSid(sid: Sid): boolean {
  return /^S-1-5-80(-\d+){5}$/.test(sid);
}

/**
 * The SID of an AppContainer capability by name: S-1-15-3-n for those that have a number (internetClient is 1), for all others S-1-15-3-1024-
 * and the SHA-256 of the upper-case name in UTF-16LE, as DeriveCapabilitySidsFromName does.
 */
export function capabilitySid(name: string): Sid {
  const known = sidOfName(name);
  if (known?.startsWith("S-1-15-3-")) return known;
  return `S-1-15-3-1024-${words(sha256(upperUtf16(name)))}`;
}

/**
 * The package SID of an AppContainer by name, which for packaged apps is the package family name: S-1-15-2- and seven words of the SHA-256 of
 * the lower-case name in UTF-16LE, as DeriveAppContainerSidFromAppContainerName does.
 */
export function packageSid(name: string): Sid {
  return `S-1-15-2-${words(sha256(utf16(name.toLowerCase())).subarray(0, 28))}`;
}

/** The SID of an account by well-known name, `NT SERVICE\\name`, or SID; undefined for other names. */
export function sidOfAccount(name: string): Sid | undefined {
  const service = /^NT SERVICE\\(.+)$/i.exec(name.trim())?.[1];
  return sidOfName(name) ?? (service === undefined ? undefined : serviceSid(service));
}

function upperUtf16(text: string): Uint8Array {
  // Windows maps character by character: no "ß" to "SS".
  const upper = Array.from(text, (char) => (char.toUpperCase().length === char.length ? char.toUpperCase() : char)).join("");
  return utf16(upper);
}

function utf16(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length * 2);
  const view = new DataView(bytes.buffer);
  for (let index = 0; index < text.length; index++) view.setUint16(index * 2, text.charCodeAt(index), true);
  return bytes;
}

function words(hash: Uint8Array): string {
  const view = new DataView(hash.buffer, hash.byteOffset, hash.byteLength);
  return Array.from({ length: hash.byteLength / 4 }, (_, index) => view.getUint32(index * 4, true)).join("-");
}
