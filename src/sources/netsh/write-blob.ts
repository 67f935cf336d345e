import { appIdBlob, appIdPath } from "../../model/index.ts";
import type { XmlWriter } from "./xml-writer.ts";

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** The characters netsh shows for single bytes: printable ASCII but for what XML would escape (measured over every byte value). */
const SHOWN = Array.from({ length: 256 }, (_, byte) => {
  const character = String.fromCharCode(byte);
  return byte >= 0x20 && byte < 0x7f && !"&<>".includes(character) ? character : ".";
});

export function hexOf(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += HEX[byte];
  return text;
}

function dotted(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += SHOWN[byte];
  return text;
}

/** The text in a condition's blob if it is UTF-16LE with its NUL, as app ids are; undefined for other bytes. */
function wideText(bytes: Uint8Array): string | undefined {
  const text = appIdPath(bytes);
  const again = appIdBlob(text);
  const same = again.length === bytes.length && again.every((byte, index) => byte === bytes[index]);
  return same && /^[\u0020-\ud7ff]+$/.test(text) ? text : undefined;
}

/**
 * `<data>` in hex and `<asString>` for the eye. Blobs of conditions show UTF-16 as text, all others every byte (SCHEMA 5); null is an
 * empty element.
 */
export function writeBlob(xml: XmlWriter, name: string, bytes: Uint8Array | null, wide = false): void {
  if (bytes === null) {
    xml.leaf(name);
    return;
  }
  xml.node(name, () => {
    xml.leaf("data", hexOf(bytes));
    xml.leaf("asString", (wide ? wideText(bytes) : undefined) ?? dotted(bytes));
  });
}
