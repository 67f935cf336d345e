import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { shadowed } from "../src/analysis/index.ts";
import { FilterEngine, type LayerProgram } from "../src/engine/index.ts";
import {
  type Condition,
  FIELD_KEY,
  type FieldName,
  type Filter,
  type FwpValue,
  LAYER_KEY,
  type MatchType,
  range,
  uint8,
  uint16,
  v4AddrMask,
} from "../src/model/index.ts";
import { classBenchRules, type FiveTuple, type RuleMix } from "./classbench.ts";
import type { Benchmark, Measurement } from "./measure.ts";
import { generatePolicy } from "./policies.ts";
import { seededRandom } from "./random.ts";

/** Seconds after which BuDDy is stopped. */
const PATIENCE = 20;

const is = (field: FieldName, value: FwpValue, matchType: MatchType = "FWP_MATCH_EQUAL"): Condition => ({
  fieldKey: FIELD_KEY[field],
  matchType,
  value,
});

function portConditions(field: FieldName, [low, high]: readonly [number, number]): Condition[] {
  if (low === 0 && high === 65535) return [];
  return [low === high ? is(field, uint16(low)) : is(field, range(uint16(low), uint16(high)), "FWP_MATCH_RANGE")];
}

function addressConditions(field: FieldName, { address, length }: FiveTuple["source"]): Condition[] {
  return length === 0 ? [] : [is(field, v4AddrMask(address, length === 32 ? 0xffffffff : ~(0xffffffff >>> length) >>> 0))];
}

/** The rules as filters of one sublayer of ALE_AUTH_CONNECT_V4, with descending weights. */
export function programOf(rules: readonly FiveTuple[]): LayerProgram {
  const { policy } = generatePolicy(1);
  const [template] = policy.filters;
  if (template === undefined) throw new RangeError("no filter to begin with");
  const filters = rules.map((rule, index): Filter => {
    const weight = BigInt(rules.length - index);
    return {
      ...template,
      key: `{00000000-0000-4000-8000-${(0x100000 + index).toString(16).padStart(12, "0")}}`,
      name: `rule ${index}`,
      layerKey: LAYER_KEY.ALE_AUTH_CONNECT_V4,
      filterId: BigInt(index + 1),
      effectiveWeight: weight,
      action: { type: index % 3 === 0 ? "FWP_ACTION_BLOCK" : "FWP_ACTION_PERMIT" },
      conditions: [
        ...(rule.protocol === null ? [] : [is("IP_PROTOCOL", uint8(rule.protocol))]),
        ...addressConditions("IP_LOCAL_ADDRESS", rule.source),
        ...addressConditions("IP_REMOTE_ADDRESS", rule.destination),
        ...portConditions("IP_LOCAL_PORT", rule.sourcePort),
        ...portConditions("IP_REMOTE_PORT", rule.destinationPort),
      ],
    };
  });
  const engine = new FilterEngine({ ...policy, filters });
  const layer = engine.layer(LAYER_KEY.ALE_AUTH_CONNECT_V4);
  if (layer === undefined) throw new RangeError("no such layer");
  return engine.program(layer);
}

/** The same by BuDDy in C; undefined without compiler and library. */
function buddy():
  | ((rules: readonly FiveTuple[]) => { readonly shadowed: number; readonly seconds: number; readonly done: number } | undefined)
  | undefined {
  if (!existsSync("/usr/include/bdd.h")) return undefined;
  const folder = mkdtempSync(join(tmpdir(), "wfplab-"));
  const program = join(folder, "shadow");
  const source = fileURLToPath(new URL("../bench/shadow-buddy.c", import.meta.url));
  if (spawnSync("cc", ["-O2", "-o", program, source, "-lbdd"]).status !== 0) return undefined;
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  return (rules) => {
    const input = rules
      .map(({ source: from, destination: to, sourcePort, destinationPort, protocol }) =>
        [from.address, from.length, to.address, to.length, ...sourcePort, ...destinationPort, protocol ?? -1].join(" "),
      )
      .join("\n");
    const { stdout, status } = spawnSync(program, { input, encoding: "utf8", env: { LIMIT: String(PATIENCE) }, maxBuffer: 1 << 26 });
    const [count = 0, seconds = 0, done = 0] = stdout.split("\n").at(-2)?.split(" ").map(Number) ?? [];
    return status === 0 ? { shadowed: count, seconds, done } : undefined;
  };
}

/** Exact shadowing of rules like ClassBench's, beside BuDDy's sequential difference in the same run. */
export const shadow: Benchmark = {
  title: "shadow",
  *run(): Iterable<Measurement> {
    const peer = buddy();
    if (peer === undefined) yield { name: "BuDDy", result: "skipped: no C compiler or no libbdd-dev" };
    for (const size of [1000, 10_000]) {
      for (const mix of ["acl", "fw", "ipc"] as const satisfies readonly RuleMix[]) {
        const rules = classBenchRules(mix, size, seededRandom(size + mix.length));
        const program = programOf(rules);
        const start = performance.now();
        const found = shadowed(program);
        const seconds = (performance.now() - start) / 1000;
        const count = found.filter(({ kind }) => kind === "shadowed").length;
        const unsettled = found.filter(({ kind }) => kind === "unsettled").length;
        const other = peer?.(rules);
        const compared =
          other === undefined
            ? ""
            : other.shadowed < 0
              ? `; BuDDy had ${other.done} of ${size} done after ${other.seconds.toFixed(0)} s: more than ${(other.seconds / seconds).toFixed(0)} times as long`
              : `; BuDDy ${other.seconds.toFixed(2)} s, ${(other.seconds / seconds).toFixed(1)} times as long, ${other.shadowed === count ? "the same answer" : `another answer: ${other.shadowed}`}`;
        yield {
          name: `${mix} ${size}`,
          result: `${seconds.toFixed(2)} s, ${count} shadowed${unsettled > 0 ? `, ${unsettled} unsettled` : ""}${compared}`,
        };
      }
    }
  },
};
