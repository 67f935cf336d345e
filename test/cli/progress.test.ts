import { describe, expect, it } from "vitest";
import { Progress } from "../../src/cli/progress.ts";

function lab(isTerminal: boolean) {
  const written: string[] = [];
  const sink = { write: (text: string) => written.push(text) > 0, drained: async () => {}, isTerminal, columns: 80 };
  return { written, sink };
}

describe("Progress", () => {
  it("draws a bar on a terminal, once per percent, and wipes it", () => {
    const { written, sink } = lab(true);
    const progress = new Progress(sink, "reading", 1000, 100);
    for (let done = 0; done <= 1000; done++) progress.update(done);
    progress.end();
    expect(written).toHaveLength(102);
    expect(written[50]).toBe(`\rreading [${"#".repeat(15)}${"-".repeat(15)}]  50 %`);
    expect(written.at(-1)).toBe("\r\u001b[2K");
  });

  it("is silent for short work and on anything but a terminal", () => {
    for (const [terminal, worth] of [
      [false, 10],
      [true, 2000],
    ] as const) {
      const { written, sink } = lab(terminal);
      const progress = new Progress(sink, "reading", 1000, worth);
      progress.update(500);
      progress.end();
      expect(written).toEqual([]);
    }
  });
});
