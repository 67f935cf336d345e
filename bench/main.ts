import { classify } from "./classify.ts";
import { load } from "./load.ts";
import type { Benchmark } from "./measure.ts";
import { answers } from "./questions.ts";
import { replay } from "./replay.ts";
import { sets } from "./sets.ts";
import { shadow } from "./shadow.ts";

/** Every benchmark; `npm run bench -- WORD…` runs those whose title has one of the words. */
const BENCHMARKS: readonly Benchmark[] = [load, classify, replay, shadow, sets, answers];

const words = process.argv.slice(2);
for (const benchmark of BENCHMARKS) {
  if (words.length > 0 && !words.some((word) => benchmark.title.includes(word))) continue;
  process.stdout.write(`${benchmark.title}\n`);
  for (const { name, result } of benchmark.run()) process.stdout.write(`  ${name.padEnd(36)} ${result}\n`);
}
