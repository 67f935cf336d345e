import { type Guid, parseGuid } from "./guid.ts";

/** `0x` and two digits a byte. */
export function hexOf(bytes: Uint8Array): string {
  return `0x${Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

/** The bytes of `0x…`; undefined if it is no such text. */
export function parseHexBytes(text: string): Uint8Array | undefined {
  if (!/^0x([0-9a-f]{2})*$/i.test(text)) return undefined;
  return Uint8Array.from(text.slice(2).match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

/** `00-15-5d-01-02-03`. */
export function formatMac(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("-");
}

/** Six bytes with "-" or ":" between them; undefined if it is no such text. */
export function parseMac(text: string): Uint8Array | undefined {
  if (!/^[0-9a-f]{2}([-:])[0-9a-f]{2}(\1[0-9a-f]{2}){4}$/i.test(text)) return undefined;
  return Uint8Array.from(text.split(/[-:]/), (pair) => Number.parseInt(pair, 16));
}

/** A GUID's 16 bytes as Windows keeps them: three little-endian fields, then eight bytes. */
export function guidBytes(text: string): Uint8Array | undefined {
  const guid: Guid | undefined = parseGuid(text);
  if (guid === undefined) return undefined;
  const digits = guid.slice(1, -1).replaceAll("-", "").match(/../g) ?? [];
  const order = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15];
  return Uint8Array.from(order, (index) => Number.parseInt(digits[index] ?? "0", 16));
}
