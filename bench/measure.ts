/** Seconds that `run` takes, as the best of `repeats` after one to warm up. */
export function bestSeconds(run: () => void, repeats = 5): number {
  run();
  let best = Number.POSITIVE_INFINITY;
  for (let repeat = 0; repeat < repeats; repeat++) {
    const start = process.hrtime.bigint();
    run();
    best = Math.min(best, Number(process.hrtime.bigint() - start) / 1e9);
  }
  return best;
}

export function microseconds(seconds: number): string {
  const value = seconds * 1e6;
  return `${value < 10 ? value.toFixed(2) : value.toFixed(0)} µs`;
}

/** One line of a benchmark's result. */
export interface Measurement {
  readonly name: string;
  readonly result: string;
}

/** A benchmark: yields its lines as they come. */
export interface Benchmark {
  readonly title: string;
  run(): Iterable<Measurement>;
}
