import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { internetChecksum, onesComplementSum } from "../../src/wire/index.ts";
import { hex } from "./bytes.ts";

describe("the Internet checksum", () => {
  it("gives RFC 1071's sum of its example", () => {
    expect(onesComplementSum(hex("0001 f203 f4f5 f6f7"))).toBe(0xddf2);
    expect(internetChecksum(hex("0001 f203 f4f5 f6f7"))).toBe(0x220d);
  });

  it("takes an odd last byte for the high half of a word", () => {
    expect(onesComplementSum(hex("0102 03"))).toBe(0x0402);
  });

  it("makes the sum over data and itself all ones", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (data) => {
        const even = data.length % 2 === 0 ? data : Uint8Array.from([...data, 0]);
        const sum = internetChecksum(even);
        expect(onesComplementSum(Uint8Array.from([...even, sum >>> 8, sum & 0xff]))).toBe(0xffff);
      }),
    );
  });

  it("can be taken in parts", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), fc.nat(30), (data, words) => {
        const cut = Math.min(words * 2, data.length & ~1);
        expect(onesComplementSum(data.subarray(cut), onesComplementSum(data.subarray(0, cut)))).toBe(onesComplementSum(data));
      }),
    );
  });
});
