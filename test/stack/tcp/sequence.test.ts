import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isAfter, isBefore, sequenceAdd, sequenceDistance } from "../../../src/stack/tcp/sequence.ts";

const sequence = fc.integer({ min: 0, max: 0xffffffff });
const step = fc.integer({ min: -0x7fffffff, max: 0x7fffffff });

describe("sequence numbers", () => {
  it("wrap at 2^32", () => {
    expect(sequenceAdd(0xffffffff, 1)).toBe(0);
    expect(sequenceAdd(0, -1)).toBe(0xffffffff);
    expect(isAfter(5, 0xfffffff0)).toBe(true);
    expect(isBefore(0xfffffff0, 5)).toBe(true);
  });

  it("keep distances under addition", () => {
    fc.assert(
      fc.property(sequence, step, (start, distance) => {
        const moved = sequenceAdd(start, distance);
        expect(sequenceDistance(moved, start)).toBe(distance);
        expect(isAfter(moved, start)).toBe(distance > 0);
        expect(isBefore(moved, start)).toBe(distance < 0);
      }),
    );
  });
});
