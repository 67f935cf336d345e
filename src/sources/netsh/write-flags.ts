import { FLAG_NAMES, type FlagKind } from "./names.ts";
import type { XmlWriter } from "./xml-writer.ts";

/** FWPS_CALLOUT flags above ALLOW_OFFLOAD have names in the headers, but netsh prints them as a number (SCHEMA 1). */
const NUMBERED = 0x7fc;

/** `<flags>`: names by ascending bit, names without a published bit, then the other bits as one number of 8 hex digits. */
export function writeFlags(xml: XmlWriter, kind: FlagKind, bits: number, named: readonly string[] = []): void {
  let rest = bits >>> 0;
  const names: string[] = [];
  for (const [name, bit] of FLAG_NAMES[kind]) {
    if ((rest & bit) === 0 || (kind === "callout" && (bit & NUMBERED) !== 0)) continue;
    names.push(name);
    rest = (rest & ~bit) >>> 0;
  }
  const number = rest === 0 ? [] : [rest.toString(16).toUpperCase().padStart(8, "0")];
  xml.texts("flags", [...names, ...named, ...number]);
}
