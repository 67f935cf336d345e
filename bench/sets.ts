import { layerSets, PacketSpace } from "../src/analysis/index.ts";
import { FilterEngine } from "../src/engine/index.ts";
import type { Benchmark, Measurement } from "./measure.ts";
import { generatePolicy } from "./policies.ts";

const SIZES = [25, 50, 100];

/**
 * A layer's sets of permitted and blocked packets, and who decides. The generated filters ask about fifteen fields at random, which is the
 * worst that sets can be given: the recorded layer of 356 filters needs a sixth of the nodes that 100 of these do.
 */
export const sets: Benchmark = {
  title: "sets of packets",
  *run(): Generator<Measurement> {
    for (const size of SIZES) {
      const { policy, layer } = generatePolicy(size);
      const program = new FilterEngine(policy).program(layer);
      for (const deciders of [false, true]) {
        const start = process.hrtime.bigint();
        const space = new PacketSpace([program]);
        layerSets(space, program, { deciders });
        const seconds = Number(process.hrtime.bigint() - start) / 1e9;
        const { created, bytes } = space.bdd;
        yield {
          name: `${size} random filters${deciders ? ", deciders" : ""}`,
          result: `${(seconds * 1000).toFixed(0)} ms, ${created.toLocaleString("en")} nodes (${(created / seconds / 1e6).toFixed(1)} M/s), ${(bytes / 1e6).toFixed(0)} MB`,
        };
      }
    }
  },
};
