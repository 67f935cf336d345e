import { describe, expect, it } from "vitest";
import { proveAgreement } from "../../../src/cli/suite/prove-agreement.ts";
import { FilterEngine } from "../../../src/engine/index.ts";
import { type Condition, type FlowPattern, type InvariantTest, LAYER_KEY, parseFlowPatterns } from "../../../src/model/index.ts";
import { BLOCK, condition, open } from "../../engine/bfe-lab.ts";
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
});
