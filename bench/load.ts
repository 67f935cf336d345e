import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { buildPolicy } from "../src/engine/index.ts";
import type { Policy } from "../src/model/index.ts";
import { decodeText, readNetsh, writeNetsh } from "../src/sources/index.ts";
import { type Benchmark, bestSeconds, type Measurement } from "./measure.ts";
import { generatePolicy } from "./policies.ts";

const RECORDINGS = "../shared/data/wfp/";
const LARGE = 25_000;

/** The largest recorded dump, where recordings are at hand. */
function largestRecording(): { readonly name: string; readonly text: string } | undefined {
  if (!existsSync(RECORDINGS)) return undefined;
  const files = readdirSync(RECORDINGS).filter((name) => name.endsWith(".xml"));
  const [name] = files.sort((a, b) => statSync(RECORDINGS + b).size - statSync(RECORDINGS + a).size);
  return name === undefined ? undefined : { name: `recorded: ${name}`, text: decodeText(readFileSync(RECORDINGS + name)) };
}

function* measureText(name: string, text: string, repeats: number): Iterable<Measurement> {
  const read = bestSeconds(() => void readNetsh(text, { source: name }), repeats);
  const imported = readNetsh(text, { source: name });
  const build = bestSeconds(() => void buildPolicy(imported), repeats);
  const policy: Policy = buildPolicy(imported);
  const write = bestSeconds(() => void writeNetsh(policy), repeats);
  const rate = (seconds: number) =>
    `${(seconds * 1000).toFixed(seconds < 0.01 ? 1 : 0)} ms, ${(text.length / 1e6 / seconds).toFixed(0)} MB/s, ${(policy.filters.length / seconds / 1000).toFixed(0)}k filters/s`;
  yield { name: `${name}`, result: `${(text.length / 1e6).toFixed(1)} MB, ${policy.filters.length} filters` };
  yield { name: "  read", result: rate(read) };
  yield { name: "  build", result: rate(build) };
  yield { name: "  write", result: rate(write) };
}

/** How fast policies come in and go out: netsh's XML read, made a policy, written. */
export const load: Benchmark = {
  title: "load (netsh wfp show state)",
  *run() {
    const recording = largestRecording();
    if (recording !== undefined) yield* measureText(recording.name, recording.text, 7);
    yield* measureText("generated", writeNetsh(generatePolicy(LARGE).policy), 2);
  },
};
