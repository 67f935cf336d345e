import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type Random, seededRandom } from "../../bench/random.ts";
import { FALSE, PacketSpace, shadowed, shadowFindings } from "../../src/analysis/index.ts";
import { buildPolicy, FilterEngine, type LayerProgram, type ProgramFilter } from "../../src/engine/index.ts";
import { type FieldValue, type Filter, type Layer, type Policy, UNKNOWN } from "../../src/model/index.ts";
import { decodeText, readNetsh, writeNetsh } from "../../src/sources/index.ts";
import { randomPackets } from "../analysis/random-packets.ts";
import { runCli } from "../cli/run-cli.ts";

const folder = "../shared/data/wfp";
const DUMPS = [
  "levoile-1.filters.xml",
  "levoile-2.filters.xml",
  "libgrabber.filters.xml",
  "win11-21h2-portmaster.wfpstate.xml",
  "win11-22h2-windivert-npcap.wfpstate.xml",
];
const read = (name: string): Policy => buildPolicy(readNetsh(decodeText(readFileSync(`${folder}/${name}`)), { source: name }));

/** Packets that a filter matches: random ones with its conditions' fields taken from assignments within its match, drawn anew each time. */
function packetsOf(space: PacketSpace, program: LayerProgram, own: ProgramFilter, random: Random): () => FieldValue[] | undefined {
  const { bdd } = space;
  const { layer } = program;
  const match = space.match(own, layer);
  const draw = randomPackets(program, random);
  const asked = new Set(own.groups.map(({ fieldIndex }) => fieldIndex));
  return () => {
    // A random branch at each level keeps within the match.
    const cube = new Int8Array(bdd.variables);
    for (let level = 0; level < cube.length; level++) cube[level] = random.chance(0.5) ? 1 : 0;
    for (let node = match; node > 1; ) {
      const level = bdd.levelOf(node);
      if (bdd.highOf(node) === FALSE) cube[level] = 0;
      else if (bdd.lowOf(node) === FALSE) cube[level] = 1;
      node = cube[level] === 1 ? bdd.highOf(node) : bdd.lowOf(node);
    }
    if (!space.contains(space.possible, cube)) return undefined;
    const within = space.values(layer, cube);
    const anything = draw();
    // Its own fields as the assignment has them; of the others, half as the assignment, half anything.
    return layer.fields.map(({ index }) => {
      const value = within[index] ?? UNKNOWN;
      return value !== UNKNOWN && (asked.has(index) || random.chance(0.5)) ? value : (anything[index] ?? UNKNOWN);
    });
  };
}

/** Whether a packet has what a filter's conditions ask for. */
function matches({ groups }: ProgramFilter, values: readonly FieldValue[]): boolean {
  return groups.every(({ fieldIndex, tests }) => tests.some((test) => test.truth(values[fieldIndex] ?? UNKNOWN) === "true"));
}

/** Whether a filter ended its sublayer for a packet. */
function ends(engine: FilterEngine, layer: Layer, values: readonly FieldValue[], filter: Filter): boolean {
  let found = false;
  engine.classify(layer, values, undefined, {
    wantsFilters: false,
    subLayer: (each) => {
      if (each.filter === filter || each.candidates.includes(filter)) found = true;
    },
    decision: () => undefined,
  });
  return found;
}

/** Whether a filter is asked about a packet, and matches: what it does then is up to its callout, if it has one. */
function isReached(engine: FilterEngine, layer: Layer, values: readonly FieldValue[], filter: Filter): boolean {
  if (!("calloutKey" in filter.action)) return ends(engine, layer, values, filter);
  let found = false;
  engine.classify(layer, values, undefined, {
    wantsFilters: true,
    filter: (each) => {
      if (each.filter === filter) found = each.consulted && each.truth === "true";
    },
    subLayer: () => undefined,
    decision: () => undefined,
  });
  return found;
}

describe.skipIf(!existsSync(folder))("shadow on recorded policies, against brute force (../shared/data/wfp)", () => {
  const PACKETS = 3000;

  it.each(DUMPS)(
    "%s: packets made of its own conditions never see a shadowed filter decide",
    (name) => {
      const engine = new FilterEngine(read(name));
      const random = seededRandom(11);
      const layers = engine.policy.layers.filter(({ key }) => engine.isFiltered(key));
      let [matched, dead, reached] = [0, 0, 0];
      const refuted: string[] = [];
      for (const layer of layers) {
        const program = engine.program(layer);
        const space = new PacketSpace([program]);
        const filters = new Map(program.subLayers.flatMap((each) => each.filters.map((own) => [own.filter, own] as const)));
        for (const answer of shadowed(program)) {
          const { filter, kind } = answer;
          if (kind === "reached") {
            reached++;
            if (answer.witness !== null && !isReached(engine, layer, answer.witness, filter))
              refuted.push(`${filter.filterId}: the witness does not reach it`);
            continue;
          }
          expect(kind).toBe("shadowed");
          dead++;
          const draw = packetsOf(space, program, filters.get(filter) as ProgramFilter, random);
          for (let left = PACKETS; left > 0; left--) {
            const values = draw();
            const own = filters.get(filter);
            if (values === undefined || own === undefined || !matches(own, values)) continue;
            matched++;
            if (ends(engine, layer, values, filter)) refuted.push(`${filter.filterId} decides at ${layer.name}`);
          }
        }
      }
      expect(refuted.slice(0, 5)).toEqual([]);
      expect(dead).toBeGreaterThan(1);
      expect(reached).toBeGreaterThan(200);
      expect(matched).toBeGreaterThan((dead * PACKETS) / 2);
    },
    120_000,
  );

  it.each(DUMPS)(
    "%s: without a filter called redundant, or overruled, random packets get the same verdict",
    (name) => {
      const policy = read(name);
      const engine = new FilterEngine(policy);
      const random = seededRandom(13);
      const found = shadowFindings(engine).findings.filter(({ kind }) => kind === "redundant" || kind === "overruled");
      expect(found.length).toBeGreaterThan(10);
      const gone = new Set(found.map(({ filter }) => filter));
      const without = new FilterEngine({ ...policy, filters: policy.filters.filter((filter) => !gone.has(filter)) });
      const wrong: string[] = [];
      for (const layer of new Set(found.map((each) => each.layer))) {
        const draw = randomPackets(engine.program(layer), random);
        for (let left = PACKETS; left > 0; left--) {
          const values = draw();
          const [before, after] = [engine.classify(layer, values), without.classify(layer, values)];
          if (before.verdict !== after.verdict) wrong.push(`${layer.name}: ${before.verdict} ${after.verdict}`);
        }
      }
      expect(wrong.slice(0, 5)).toEqual([]);
    },
    120_000,
  );
});

describe.skipIf(!existsSync(folder))("diff of recorded policies (../shared/data/wfp)", () => {
  const [one, other] = [`${folder}/levoile-1.filters.xml`, `${folder}/levoile-2.filters.xml`];

  it("the two levoile dumps, which differ in nothing but line ends, do not differ", async () => {
    const { status, records } = await runCli(["diff", one, other, "--json"]);
    expect([status, records()]).toMatchObject([
      0,
      [{ type: "summary", differences: 0, added: 0, removed: 0, changed: 0, certainty: "proved" }],
    ]);
  }, 60_000);

  it("with one filter less, that filter is named, and the traffic that is lost or gained with it", async () => {
    const policy = read("levoile-1.filters.xml");
    // Filters that stop something on its way out and are not alone in their sublayer.
    const engine = new FilterEngine(policy);
    const idle = new Set(shadowFindings(engine).findings.map(({ filter }) => filter));
    const layer = policy.layers.find(({ name }) => name === "FWPM_LAYER_ALE_AUTH_CONNECT_V4");
    const gone = policy.filters.filter(
      (filter) => filter.layerKey === layer?.key && filter.action.type === "FWP_ACTION_BLOCK" && !idle.has(filter),
    );
    expect(gone.length).toBeGreaterThan(1);
    for (const filter of gone.slice(0, 3)) {
      const less = writeNetsh({ ...policy, filters: policy.filters.filter((each) => each !== filter) });
      const { status, records } = await runCli(["diff", one, "less.xml", "--json", "--only", "out any any > any"], {
        files: { "less.xml": less },
      });
      expect(status).toBe(1);
      const changes = records().filter(({ type }) => type === "filter");
      expect(changes).toMatchObject([{ change: "removed", before: { filterId: String(filter.filterId) }, after: null }]);
      const traffic = records().filter(({ type }) => type === "difference");
      expect(traffic.length).toBeGreaterThan(0);
      for (const each of traffic) expect(each).toMatchObject({ decidedBefore: { filterId: String(filter.filterId) } });
    }
  }, 120_000);
});

describe.skipIf(!existsSync(folder))("lint on recorded policies (../shared/data/wfp)", () => {
  it.each(DUMPS)("%s: every finding is about a filter of the file at its line, and Windows' own are notes", async (name) => {
    const path = `${folder}/${name}`;
    const { records, status } = await runCli(["lint", path, "--severity", "note", "--json"]);
    expect(status).toBe(1);
    const findings = records().filter(({ type }) => type === "finding");
    expect(findings.length).toBeGreaterThan(3);
    const lines = decodeText(readFileSync(path)).split(/\r\n|\n/);
    for (const { line, filter } of findings) {
      if (filter === null) continue;
      expect(lines[Number(line) - 1]).toMatch(/<item>/);
      const rest = lines.slice(Number(line) - 1, Number(line) + 400).join("\n");
      expect(rest.slice(0, rest.indexOf("</filterId>"))).toContain(`<filterId>${(filter as { filterId: string }).filterId}`);
    }
    expect(findings.filter(({ severity }) => severity === "error")).toEqual([]);
  });
});
