import { describe, expect, it } from "vitest";
import { decodeText } from "../../src/sources/index.ts";

describe("decodeText", () => {
  const text = '<?xml version="1.0"?><a>日本 é</a>';

  it("takes UTF-8 with and without a byte order mark", () => {
    const bytes = new TextEncoder().encode(text);
    expect(decodeText(bytes)).toBe(text);
    expect(decodeText(Uint8Array.of(0xef, 0xbb, 0xbf, ...bytes))).toBe(text);
  });

  it("takes UTF-16 in both orders by its mark, as redirected console output has it", () => {
    const units = Array.from(text, (character) => character.charCodeAt(0));
    const little = units.flatMap((unit) => [unit & 0xff, unit >>> 8]);
    const big = units.flatMap((unit) => [unit >>> 8, unit & 0xff]);
    expect(decodeText(Uint8Array.of(0xff, 0xfe, ...little))).toBe(text);
    expect(decodeText(Uint8Array.of(0xfe, 0xff, ...big))).toBe(text);
  });

  it("gives empty text for no bytes", () => {
    expect(decodeText(new Uint8Array())).toBe("");
  });
});
