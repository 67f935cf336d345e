import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { classesOf } from "../../../src/cli/suite/value-classes.ts";

const TOP = 40;
/** Also empty ones, which conditions of real policies have. */
const range = fc
  .tuple(fc.integer({ min: 0, max: TOP }), fc.integer({ min: -2, max: 12 }))
  .map(([low, size]) => ({ low: BigInt(low), high: BigInt(low + size) }));

describe("classes of values", () => {
  it("hold all values of a set, together if and only if the same constants hold them", () => {
    fc.assert(
      fc.property(fc.array(range, { minLength: 1, maxLength: 4 }), fc.array(range, { maxLength: 8 }), (set, constants) => {
        const classes = classesOf(
          set.filter(({ low, high }) => low <= high),
          constants,
          [],
        );
        const classOf = (value: bigint) => classes.filter(({ ranges }) => ranges.some(({ low, high }) => low <= value && value <= high));
        const nameOf = (value: bigint) => constants.map(({ low, high }) => low <= value && value <= high).join();
        const values = Array.from({ length: TOP + 20 }, (_, index) => BigInt(index)).filter((value) =>
          set.some(({ low, high }) => low <= value && value <= high),
        );
        for (const value of values) expect(classOf(value)).toHaveLength(1);
        for (const { representative } of classes) expect(values).toContain(representative);
        const names = new Map(values.map((value) => [nameOf(value), classOf(value)[0]]));
        expect(names.size).toBe(classes.length);
        for (const value of values) expect(classOf(value)[0]).toBe(names.get(nameOf(value)));
      }),
      { seed: 7, numRuns: 500 },
    );
  });

  it("have a value that people know to stand for them, if there is one", () => {
    const [one] = classesOf([{ low: 0n, high: 65_535n }], [], [443n]);
    expect(one?.representative).toBe(443n);
  });
});
