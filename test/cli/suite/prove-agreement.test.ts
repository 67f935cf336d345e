import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { proveAgreement } from "../../../src/cli/suite/prove-agreement.ts";
import { FilterEngine } from "../../../src/engine/index.ts";
import {
  appIdBlob,
  type Condition,
  FIELD_KEY,
  type FlowPattern,
  type FlowSpec,
  type InvariantTest,
  LAYER_KEY,
  type MatchType,
  parseFlow,
  parseFlowPatterns,
  toAppId,
} from "../../../src/model/index.ts";
import { traceFlow } from "../../../src/stack/index.ts";
import { BLOCK, condition, open } from "../../engine/bfe-lab.ts";
import { filter, layerNamed, PERMIT, policy } from "../../engine/policy-lab.ts";
import { runCli } from "../run-cli.ts";

/** One block with these conditions in each of some layers. */
function engineOf(filters: readonly (readonly [keyof typeof LAYER_KEY, readonly Condition[]])[]): FilterEngine {
  const { bfe, session } = open();
  for (const [layer, conditions] of filters) session.addFilter({ name: layer, layer: LAYER_KEY[layer], action: BLOCK, conditions });
  return new FilterEngine(bfe.policy);
}

const one = (text: string): FlowPattern => {
  const [pattern] = parseFlowPatterns(text);
  if (pattern === undefined) throw new RangeError(text);
  return pattern;
};

function test(v4: string, v6: string): InvariantTest {
  return {
    kind: "invariant",
    name: "agree",
    position: {},
    source: null,
    policy: null,
    skip: null,
    description: null,
    invariant: "v4 and v6 agree",
    flows: [],
    verdict: "permit",
    except: [],
    pairs: [{ v4: one(`${v4} family=4`), v6: one(`${v6} family=6`) }],
  };
}

const OUT = test("out tcp any > 8.8.8.8", "out tcp any > 2606:4700::9");
const options = { windows: "11" as const };
const port = (name: "IP_LOCAL_PORT" | "IP_REMOTE_PORT", value: number) => condition(name, { type: "FWP_UINT16", value });

describe("IPv4 and IPv6 agree", () => {
  it.each(["desktop", "server"])("is proved of the shipped %s policy", async (name) => {
    const suite = `policy: "@${name}"\ntests: [{ name: agree, invariant: v4 and v6 agree }]\n`;
    const { stdout, status } = await runCli(["test", "-"], { stdin: suite });
    expect(status).toBe(0);
    expect(stdout).toMatch(/pass {2}agree {2,}proved over all/);
  });

  it("is proved where both families have the same filters", () => {
    const conditions = [port("IP_LOCAL_PORT", 51_111), port("IP_REMOTE_PORT", 4711)];
    const engine = engineOf([
      ["ALE_AUTH_CONNECT_V4", conditions],
      ["ALE_AUTH_CONNECT_V6", conditions],
    ]);
    expect(proveAgreement(engine, OUT, options)).toMatchObject({ isProved: true, findings: [], cases: 3 });
  });

  it("one pair of ports that differs is found, with a flow of each family", () => {
    const ports = (local: number) => [port("IP_LOCAL_PORT", local), port("IP_REMOTE_PORT", 4711)];
    const engine = engineOf([
      ["ALE_AUTH_CONNECT_V4", ports(51_111)],
      ["ALE_AUTH_CONNECT_V6", ports(51_112)],
    ]);
    const { isProved, findings = [] } = proveAgreement(engine, OUT, options) ?? {};
    expect(isProved).toBe(false);
    expect(findings.length).toBe(3);
    for (const { status, message, trace } of findings) {
      expect(status).toBe("failed");
      const [v4, v6] = trace?.verdict === "block" ? ["block", "permit"] : ["permit", "block"];
      expect(message).toContain(`found ${v4} for IPv4 and ${v6} for IPv6`);
      expect(message).toMatch(/:5111[12] > \[2606:4700::9\]:4711/);
      expect(trace?.flow.remotePort).toBe(4711);
    }
  });

  it("a filter on one family's own address is a difference", () => {
    const engine = engineOf([["ALE_AUTH_CONNECT_V4", [condition("IP_LOCAL_ADDRESS", { type: "FWP_UINT32", value: 0x0a_00_00_63 })]]]);
    const { findings = [] } = proveAgreement(engine, OUT, options) ?? {};
    expect(findings.map(({ trace }) => trace?.flow.localAddress)).toContainEqual({ family: 4, value: 0x0a_00_00_63 });
  });

  it("says nothing of ICMP, whose types the families count differently", () => {
    expect(proveAgreement(engineOf([]), test("out icmp any > 8.8.8.8", "out icmpv6 any > 2606:4700::9"), options)).toBeUndefined();
  });

  it("on random policies: what is proved has no pair that differs, what is found does", () => {
    const PORTS = [53, 443, 4711, 50_000];
    const PROGRAMS = ["C:\\a.exe", "C:\\b.exe"];
    const numeric = fc.constantFrom<MatchType>("FWP_MATCH_EQUAL", "FWP_MATCH_NOT_EQUAL", "FWP_MATCH_GREATER", "FWP_MATCH_LESS");
    const asked = fc.oneof(
      fc
        .tuple(fc.constantFrom("IP_LOCAL_PORT" as const, "IP_REMOTE_PORT" as const), numeric, fc.constantFrom(...PORTS))
        .map(([name, matchType, value]): Condition => ({ fieldKey: FIELD_KEY[name], matchType, value: { type: "FWP_UINT16", value } })),
      fc.constantFrom(...PROGRAMS).map(
        (path): Condition => ({
          fieldKey: FIELD_KEY.ALE_APP_ID,
          matchType: "FWP_MATCH_EQUAL",
          value: { type: "FWP_BYTE_BLOB_TYPE", value: appIdBlob(toAppId(path)) },
        }),
      ),
    );
    const filters = fc.array(
      fc.record({
        families: fc.constantFrom<readonly ("V4" | "V6")[]>(["V4", "V6"], ["V4", "V6"], ["V4", "V6"], ["V4"], ["V6"]),
        blocks: fc.boolean(),
        weight: fc.bigInt(0n, 5n),
        conditions: fc.array(asked, { maxLength: 2 }),
      }),
      { minLength: 1, maxLength: 5 },
    );
    const flow = fc.record({
      local: fc.constantFrom(...PORTS),
      remote: fc.constantFrom(...PORTS),
      app: fc.constantFrom(...PROGRAMS, "C:\\c.exe"),
    });
    let proofs = 0;
    fc.assert(
      fc.property(filters, fc.array(flow, { minLength: 12, maxLength: 12 }), (sketches, flows) => {
        let id = 0;
        const list = sketches.flatMap(({ families, blocks, weight, conditions }) =>
          families.map((family) =>
            filter({ id: ++id, layer: layerNamed(`ALE_AUTH_CONNECT_${family}`), action: blocks ? BLOCK : PERMIT, weight, conditions }),
          ),
        );
        const engine = new FilterEngine(policy(list));
        const verdictOf = (flow: FlowSpec) => traceFlow(engine, flow, options).verdict;
        const proof = proveAgreement(engine, OUT, options);
        if (proof?.isProved === true) proofs++;
        const told = ({ local, remote, app }: { local: number; remote: number; app: string }) =>
          [`10.0.0.5:${local} > 8.8.8.8:${remote}`, `[2001:db8::5]:${local} > [2606:4700::9]:${remote}`].map((ends) =>
            verdictOf(parseFlow(`out tcp ${ends} app=${app} user=S-1-5-21-1-2-3-1001 groups=none package=none profile=public`)),
          );
        const differs = flows.some((each) => new Set(told(each)).size > 1);
        if (differs) expect(proof?.isProved).toBe(false);
        if (proof?.isProved === false) expect(proof.findings.length > 0).toBe(true);
      }),
      { seed: 11, numRuns: 150 },
    );
    expect(proofs).toBeGreaterThan(20);
  });
});
