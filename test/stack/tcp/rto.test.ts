import { describe, expect, it } from "vitest";
import { RetransmissionTimeout } from "../../../src/stack/tcp/rto.ts";
import { defaultTcpSettings } from "../../../src/stack/tcp/settings.ts";

describe("RetransmissionTimeout", () => {
  it("starts at the initial timeout and doubles", () => {
    const rto = new RetransmissionTimeout(defaultTcpSettings("10"));
    const seen = [0, 1, 2, 3].map(() => {
      const { current } = rto;
      rto.backOff();
      return current;
    });
    expect(seen).toEqual([1, 2, 4, 8]);
  });

  it("follows measured round trips, not below the minimum, and forgets its backoff on progress", () => {
    const rto = new RetransmissionTimeout(defaultTcpSettings("10"));
    rto.measured(0.02);
    expect(rto.current).toBe(0.3);
    rto.backOff();
    expect(rto.current).toBe(0.6);
    rto.progress();
    for (let round = 0; round < 100; round++) rto.measured(2);
    expect(rto.current).toBeGreaterThan(2);
    expect(rto.current).toBeLessThan(2.5);
  });
});
