import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { seededRandom } from "../../bench/random.ts";
import type { Node } from "../../src/analysis/index.ts";
import { buildPolicy, FilterEngine } from "../../src/engine/index.ts";
import type { Filter } from "../../src/model/index.ts";
import { decodeText, readNetsh } from "../../src/sources/index.ts";
import { compared } from "../analysis/agreement.ts";
import { randomPackets } from "../analysis/random-packets.ts";

const folder = "../shared/data/wfp";
const PACKETS = 100_000;

describe.skipIf(!existsSync(folder))("sets of recorded policies (../shared/data/wfp)", () => {
  it.each(existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(".xml")) : [])(
    `%s: of ${PACKETS.toLocaleString("en")} random packets the sets say what the engine says`,
    (name) => {
      const engine = new FilterEngine(buildPolicy(readNetsh(decodeText(readFileSync(`${folder}/${name}`)), { source: name })));
      const layers = engine.policy.layers.filter(({ key }) => engine.isFiltered(key));
      const filters = layers.map((layer) => engine.program(layer).subLayers.reduce((sum, each) => sum + each.filters.length, 0));
      const share = (PACKETS - 500 * layers.length) / filters.reduce((sum, count) => sum + count, 0);
      const random = seededRandom(31);
      const wrong: string[] = [];
      const met = new Set<Filter | null>();
      let packets = 0;
      for (const [index, layer] of layers.entries()) {
        const { space, sets } = compared(engine, layer);
        const draw = randomPackets(engine.program(layer), random);
        for (let left = 500 + Math.ceil(share * (filters[index] ?? 0)); left > 0; left--) {
          packets++;
          const values = draw();
          const cube = space.fixed(layer, values);
          const decision = engine.classify(layer, values);
          const isIn = (set: Node | undefined) => set !== undefined && space.contains(set, cube);
          const said = [isIn(sets.permit) && "permit", isIn(sets.block) && "block", isIn(sets.open) && "indeterminate"]
            .filter(Boolean)
            .join();
          const ends = decision.alternatives.length > 0 ? decision.alternatives.map(({ filter }) => filter) : [decision.filter];
          const decided = ends.every((end) => isIn(end === null ? sets.undecided : sets.decided.get(end)));
          for (const end of ends) met.add(end);
          if (said !== decision.verdict || !decided) wrong.push(`${layer.name}: ${said}, the engine ${decision.verdict} ${decision.code}`);
        }
      }
      expect(wrong.slice(0, 20)).toEqual([]);
      expect(packets).toBeGreaterThanOrEqual(PACKETS);
      // The packets are not all of one kind.
      expect(met.size).toBeGreaterThan(80);
    },
    240_000,
  );
});
