import { FilterEngine } from "../src/engine/index.ts";
import type { FieldValue, Layer } from "../src/model/index.ts";
import { type Benchmark, bestSeconds, type Measurement, microseconds } from "./measure.ts";
import { generatePolicy, generateTraffic } from "./policies.ts";

const TRAFFIC = 4_000;

// A function of its own per batch: V8 compiles it as a whole instead of replacing one long loop on the stack.
function classifyAll(engine: FilterEngine, layer: Layer, traffic: readonly (readonly FieldValue[])[]): number {
  let blocked = 0;
  for (let index = 0; index < traffic.length; index++) {
    const values = traffic[index];
    if (values !== undefined && engine.classify(layer, values).verdict === "block") blocked++;
  }
  return blocked;
}

function* measure(size: number): Iterable<Measurement> {
  const { policy, layer } = generatePolicy(size);
  const traffic = generateTraffic(layer, TRAFFIC);
  const batch = traffic.slice(0, Math.max(200, Math.min(TRAFFIC, Math.floor(2_000_000 / size))));
  const fresh = new FilterEngine(policy, { minIndexedFilters: 1 });
  const start = process.hrtime.bigint();
  classifyAll(fresh, layer, traffic.slice(0, 1));
  const first = Number(process.hrtime.bigint() - start) / 1e9;
  const indexed = new FilterEngine(policy, { minIndexedFilters: 1 });
  const plain = new FilterEngine(policy, { indexed: false });
  const index = bestSeconds(() => classifyAll(indexed, layer, traffic)) / traffic.length;
  const walk = bestSeconds(() => classifyAll(plain, layer, batch)) / batch.length;
  yield { name: `${size} filters, plain walk`, result: `${microseconds(walk)} a classify` };
  yield {
    name: `${size} filters, indexed`,
    result: `${microseconds(index)} a classify, ${Math.round(1 / index).toLocaleString("en")}/s, ${(walk / index).toFixed(1)} times the plain walk`,
  };
  yield { name: `${size} filters, first classify`, result: `${(first * 1e3).toFixed(1)} ms with compiling` };
}

/** All sublayers of one layer, fifteen fields with conditions, random connections. */
export const classify: Benchmark = {
  title: "classify: every sublayer of a layer, conditions on 15 fields, 8 sublayers",
  *run() {
    for (const size of [5, 10, 20, 40, 100, 1_000, 10_000]) yield* measure(size);
  },
};
