import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { InternalError } from "../../src/model/index.ts";
import { Clock } from "../../src/stack/clock.ts";

describe("Clock", () => {
  it("does what is due at the same time in the order it was asked for", () => {
    const clock = new Clock();
    const done: string[] = [];
    clock.after(2, () => done.push("late"));
    clock.after(1, () => done.push("first"));
    clock.after(1, () => done.push("second"));
    while (clock.step());
    expect(done).toEqual(["first", "second", "late"]);
    expect(clock.seconds).toBe(2);
  });

  it("lets actions schedule and cancel others", () => {
    const clock = new Clock();
    const done: string[] = [];
    const never = clock.after(3, () => done.push("never"));
    clock.after(1, () => {
      never.cancel();
      clock.after(0.5, () => done.push("nested"));
    });
    while (clock.step());
    expect(done).toEqual(["nested"]);
    expect(clock.seconds).toBe(1.5);
    expect(clock.next).toBeUndefined();
  });

  it("goes through any schedule in time order", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 50 })), (delays) => {
        const clock = new Clock();
        const seen: number[] = [];
        for (const delay of delays) clock.after(delay, () => seen.push(clock.seconds));
        while (clock.step());
        expect(seen).toEqual([...delays].sort((a, b) => a - b));
      }),
    );
  });

  it("knows no time before now, and no time that is none", () => {
    const clock = new Clock();
    for (const delay of [-1, Number.NaN]) expect(() => clock.after(delay, () => undefined)).toThrow(InternalError);
    expect(clock.next).toBeUndefined();
  });

  it("never skips what is due", () => {
    const clock = new Clock();
    clock.after(1, () => undefined);
    expect(() => clock.skipTo(2)).toThrow(InternalError);
    clock.skipTo(0.5);
    expect(clock.seconds).toBe(0.5);
  });
});
