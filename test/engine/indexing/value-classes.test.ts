import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { valueClasses } from "../../../src/engine/indexing/value-classes.ts";
import { conditionTest } from "../../../src/engine/match/condition-test.ts";
import { type Condition, type DataType, type Field, type FwpValue, uint32, v4AddrMask } from "../../../src/model/index.ts";
import { conditionOn, EVERY_TYPE, valueOfType } from "../arbitraries.ts";
import { guid } from "../policy-lab.ts";

/** Values next to the usual ones, where classes end. */
function valuesOf(type: DataType): fc.Arbitrary<FwpValue> {
  const limits: Partial<Record<DataType, [number, number]>> = {
    FWP_UINT8: [0, 0xff],
    FWP_UINT16: [0, 0xffff],
    FWP_UINT32: [0, 0xffffffff],
    FWP_INT8: [-0x80, 0x7f],
    FWP_INT32: [-0x80000000, 0x7fffffff],
  };
  const limit = limits[type];
  return valueOfType(type).chain((value) => {
    if (limit !== undefined && "value" in value && typeof value.value === "number") {
      const { value: number } = value;
      const [min, max] = limit;
      return fc
        .oneof(
          fc.integer({ min: -2, max: 2 }).map((step) => number + step),
          fc.integer({ min, max }),
        )
        .map((near) => ({ ...value, value: Math.min(max, Math.max(min, near)) }) as FwpValue);
    }
    if (value.type === "FWP_BYTE_ARRAY16_TYPE") {
      return fc.tuple(fc.integer({ min: 0, max: 15 }), fc.integer({ min: 0, max: 255 })).map(([index, byte]) => {
        const bytes = value.value.slice();
        bytes[index] = byte;
        return { ...value, value: bytes };
      });
    }
    return fc.constant(value);
  });
}

describe("valueClasses", () => {
  it.each(EVERY_TYPE.fields.map((field): [string, Field] => [`${field.dataType} ${field.fieldType}`, field]))(
    "%s: no condition tells members of a class apart",
    (_name, field) => {
      let shared = 0;
      fc.assert(
        fc.property(
          fc.array(conditionOn(field), { minLength: 1, maxLength: 6 }),
          fc.array(valuesOf(field.dataType), { minLength: 2, maxLength: 60 }),
          (conditions, values) => {
            const classes = valueClasses(field.dataType, conditions);
            const tests = conditions.map((condition) => conditionTest(condition, false));
            const answers = new Map<number, string>();
            for (const value of values) {
              const number = classes.classOf(value);
              expect(number).toBeGreaterThanOrEqual(0);
              if (classes.limit !== undefined) expect(number).toBeLessThan(classes.limit);
              const answer = tests.map((test) => test(value)).join();
              if (answers.has(number)) shared++;
              else answers.set(number, answer);
              expect(answers.get(number)).toBe(answer);
              // Asked again it says the same, though it may hand out numbers as values come.
              expect(classes.classOf(value)).toBe(number);
            }
          },
        ),
        { numRuns: 300 },
      );
      expect(shared).toBeGreaterThan(0);
    },
  );

  it("does not take a mask with holes for an interval", () => {
    const holes: Condition = { fieldKey: guid(1), matchType: "FWP_MATCH_EQUAL", value: v4AddrMask(0x0a000001, 0xff0000ff) };
    const classes = valueClasses("FWP_UINT32", [holes]);
    expect(classes.classOf(uint32(0x0a010201))).not.toBe(classes.classOf(uint32(0x0a010203)));
  });

  it("leaves values of another type alone", () => {
    const [uint8Field] = EVERY_TYPE.fields;
    expect(valueClasses(uint8Field?.dataType ?? "FWP_UINT8", []).classOf({ type: "FWP_UINT16", value: 1 })).toBe(-1);
  });
});
