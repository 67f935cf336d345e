import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Ajv } from "ajv";
import { describe, expect, it } from "vitest";
import { runCli } from "../run-cli.ts";

const SUITES = ["workstation", "server", "known-troubles"].map((name) => `examples/suites/${name}.yaml`);
const SERVER = "examples/suites/server.yaml";
const JUNIT_SCHEMA = "test/fixtures/schemas/junit.xsd";
const hasXmllint = spawnSync("xmllint", ["--version"]).status === 0;
const text = (bytes: Uint8Array | undefined) => new TextDecoder().decode(bytes);

/** Runs a suite that is given as text. */
const runText = (suite: string, ...args: string[]) => runCli(["test", "-", ...args], { stdin: suite });

describe("wfplab test on the suites that ship", () => {
  it.each(SUITES)("%s passes", async (suite) => {
    const { stdout, stderr, status } = await runCli(["test", suite]);
    expect([status, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/^(\d+) tests: \1 passed$/m);
  });

  it("holds G1 to G15 of what people reported, each with its source", async () => {
    const records = (await runCli(["test", SUITES[2] ?? "", "--json"])).records().filter(({ type }) => type === "test");
    for (let number = 1; number <= 15; number++) {
      const own = records.filter(({ name }) => String(name).startsWith(`G${number}:`));
      expect(own.length, `G${number}`).toBeGreaterThan(0);
      for (const { source, status } of own) expect([String(source).startsWith("https://"), status]).toEqual([true, "passed"]);
    }
  });

  it("changing one rule makes the right assertions fail, and the explanation names the rule", async () => {
    const { stdout, status } = await runCli(["test", SERVER, "--with", "allow in tcp 3389 name=Sneaky"]);
    expect(status).toBe(1);
    const failed = [...stdout.matchAll(/^ {2}FAIL {2}(.*?) {2}/gm)].map(([, name]) => name);
    expect(failed).toEqual(["remote desktop is open to the domain only", "remote desktop works in the domain"].slice(0, failed.length));
    expect(failed).toContain("remote desktop is open to the domain only");
    expect(stdout).toContain('"Sneaky"');
    expect(stdout).toContain("of rule");
  });

  it("a rule that goes leaves the flow blocked, with the rule that nearly let it through", async () => {
    const { stdout, status } = await runCli(["test", SERVER, "--without", "Remote desktop (TCP)", "--filter", "works in the domain"]);
    expect(status).toBe(1);
    expect(stdout).toMatch(/FAIL {2}remote desktop works in the domain/);
    expect(stdout).toMatch(/pass {2}remote management works in the domain/);
    expect(stdout).toMatch(/near misses[\s\S]*"Remote desktop \(UDP\)" would permit/);
    expect(stdout).toMatch(/PERMIT by "Remote desktop \(TCP\)" -> BLOCK/);
  });
});

describe("answers", () => {
  it("indeterminate where a callout's code is not known: exit status 3", async () => {
    const suite = `
policies:
  unknown callout:
    from: "@bare"
    callouts: [{ name: Mystery }]
    filters: [{ name: Ask, layer: ALE_AUTH_CONNECT, action: callout, callout: Mystery }]
tests:
  - { name: open, policy: unknown callout, flow: out tcp 10.0.0.5 > 203.0.113.9:443, expect: permit }
`;
    const { stdout, status } = await runText(suite);
    expect(status).toBe(3);
    expect(stdout).toMatch(/expected permit, found indeterminate/);
  });

  it("what is expected of who decides, where, and what the peer sees", async () => {
    const policy = `{ from: "@bare", filters: [{ name: Late, layer: ALE_FLOW_ESTABLISHED, action: block }] }`;
    const test = (expectation: string) =>
      `tests: [{ name: t, policy: ${policy}, flow: "in tcp 203.0.113.9 > 10.0.0.5:80", ${expectation} }]`;
    for (const [expectation, status, message] of [
      ["expect: block, decided by: Late, at: ALE_FLOW_ESTABLISHED, peer sees: RST", 0, /1 passed/],
      ["expect: block, decided by: Early", 1, /expected "Early" to decide, found "Late"/],
      ["expect: block, at: ALE_AUTH_RECV_ACCEPT", 1, /expected the decision at ALE_AUTH_RECV_ACCEPT, found ALE_FLOW_ESTABLISHED_V4/],
      ["peer sees: silence", 1, /expected the peer to see silence, found RST/],
      ["expect: permit", 1, /expected permit, found block/],
    ] as const) {
      const result = await runText(test(expectation));
      expect([expectation, result.status]).toEqual([expectation, status]);
      expect(result.stdout).toMatch(message);
    }
  });

  it("invariants fail with the flow that breaks them", async () => {
    const leaking = `
policy:
  from: "@bare"
  filters:
    - { name: Tunnel, layer: ALE_AUTH_CONNECT, weight: 12, action: permit, conditions: ["IP_LOCAL_INTERFACE = 14918173765664768"] }
    - { name: Printer, layer: ALE_AUTH_CONNECT_V4, weight: 11, action: permit, conditions: ["IP_REMOTE_ADDRESS = 192.168.7.7"] }
    - { name: Block all, layer: ALE_AUTH_CONNECT, weight: 0, action: block }
tests:
  - { name: no leak, invariant: no leak outside the tunnel, tunnel: "luid:14918173765664768" }
`;
    const { stdout, status } = await runText(leaking);
    expect(status).toBe(1);
    expect(stdout).toMatch(/192\.168\.7\.7/);
    expect(stdout).toMatch(/"Printer"/);
    const differing = `
policy: { from: "@bare", filters: [{ name: V4 only, layer: ALE_AUTH_CONNECT_V4, action: block, conditions: [IP_REMOTE_PORT = 53] }] }
tests: [{ name: agree, invariant: v4 and v6 agree }]
`;
    const agree = await runText(differing);
    expect(agree.status).toBe(1);
    expect(agree.stdout).toMatch(/expected one verdict for both families, found block for IPv4 and permit for IPv6/);
  });

  it("a skipped test says why", async () => {
    const { stdout, status } = await runText(
      `tests: [{ name: later, skip: waits for the VPN, flow: "in tcp any > any:1", expect: permit }]`,
    );
    expect(status).toBe(0);
    expect(stdout).toMatch(/later.*waits for the VPN|skip.*later/s);
  });

  it("a baseline shows every verdict that differs, whatever is expected", async () => {
    const { stdout, status } = await runCli(["test", SERVER, "--policy", "@server", "--baseline", "@desktop", "--filter", "web"]);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^Against @desktop: .* compared/m);
    expect(stdout).toMatch(/BLOCK by .* -> PERMIT by/);
  });

  it("coverage: which filters decided, which did not", async () => {
    const records = (await runCli(["test", SERVER, "--coverage", "--json", "--filter", "web"])).records();
    const coverage = records.find(({ type }) => type === "coverage");
    expect(coverage).toBeDefined();
    const { stdout } = await runCli(["test", SERVER, "--coverage", "--filter", "web"]);
    expect(stdout).toMatch(/^Coverage of @server: \d+ of \d+ filters/m);
    expect(stdout).toMatch(/idle/);
  });
});

describe("errors: one line with file, line and column, status 2", () => {
  it.each([
    ["not YAML", "tests: [", /^stdin:\d+:\d+: /],
    ["no tests", "suite: x", /stdin/],
    ["an unknown key", "tests: [{ name: a, flow: 'in tcp any > any', expects: block }]", /stdin:1:\d+: .*expects/],
    ["a flow that cannot be read", "tests: [{ name: a, flow: 'in tpc any > any', expect: block }]", /stdin:1:\d+: .*tpc/],
    [
      "a layer that is none",
      "policy: { from: '@bare', filters: [{ name: f, layer: ALE_AUTH_KONNECT, action: block }] }\ntests: [{ name: a, flow: 'in tcp any > any', expect: block }]",
      /stdin:1:\d+: .*ALE_AUTH_KONNECT/,
    ],
    ["an invariant without what it needs", "tests: [{ name: a, invariant: no leak outside the tunnel }]", /needs "tunnel:"/],
    [
      "a policy nobody has",
      "policy: missing.xml\ntests: [{ name: a, flow: 'in tcp any > any', expect: block }]",
      /stdin:1:\d+: .*missing\.xml/,
    ],
    [
      "a rule that cannot be read",
      "policy: { from: '@empty', rules: [permit in tcp 80] }\ntests: [{ name: a, flow: 'in tcp any > any', expect: block }]",
      /stdin:1:\d+: .*permit/,
    ],
    ["a scenario nobody knows", "tests: [{ name: a, scenario: tcp-sessions, expect: [{ verdict: permit }] }]", /tcp-sessions/],
  ])("%s", async (_, suite, message) => {
    const { stdout, stderr, status } = await runText(suite);
    expect([status, stdout]).toEqual([2, ""]);
    expect(stderr.trimEnd().split("\n")).toHaveLength(1);
    expect(stderr).toMatch(message);
  });

  it("a filter that leaves no test", async () => {
    const { stderr, status } = await runCli(["test", SERVER, "--filter", "no such test"]);
    expect([status, stderr]).toEqual([2, 'wfplab: --filter: no test has "no such test" in its name\n']);
  });
});

describe("reports", () => {
  const failing = ["test", SERVER, "--with", 'allow in tcp 3389 name="Sneaky & <co>"'];

  it.skipIf(!hasXmllint)("JUnit validates against its schema (needs xmllint)", async () => {
    for (const args of [["test", SERVER], failing]) {
      const { created } = await runCli([...args, "--junit", "results.xml"]);
      const folder = mkdtempSync(join(tmpdir(), "wfplab-"));
      try {
        writeFileSync(join(folder, "results.xml"), created["results.xml"] ?? "");
        const { status, stderr } = spawnSync("xmllint", ["--noout", "--schema", JUNIT_SCHEMA, join(folder, "results.xml")], {
          encoding: "utf8",
        });
        expect([status, stderr.trim()]).toEqual([0, `${join(folder, "results.xml")} validates`]);
      } finally {
        rmSync(folder, { recursive: true });
      }
    }
  });

  it("JUnit counts as the text does", async () => {
    const { created, stdout } = await runCli([...failing, "--junit", "results.xml"]);
    const failed = Number(/(\d+) failed/.exec(stdout)?.[1]);
    expect(failed).toBeGreaterThan(0);
    const xml = text(created["results.xml"]);
    expect(xml.match(/<failure /g)).toHaveLength(failed);
    expect(xml).toMatch(/<testsuites[^>]* tests="7"/);
    expect(xml).toContain("Sneaky &amp; &lt;co&gt;");
  });

  it("SARIF validates against its schema, and points at the suite's line", async () => {
    const { created } = await runCli([...failing, "--sarif", "results.sarif"]);
    const sarif = JSON.parse(text(created["results.sarif"]));
    const validate = new Ajv({ strict: false, validateFormats: false }).compile(
      JSON.parse(readFileSync("test/fixtures/schemas/sarif-subset.schema.json", "utf8")),
    );
    expect(validate(sarif), JSON.stringify(validate.errors)).toBe(true);
    const [result] = sarif.runs[0].results;
    expect(result.message.text).toContain("Sneaky");
    const { artifactLocation, region } = result.locations[0].physicalLocation;
    expect(artifactLocation.uri).toBe(SERVER);
    const line = readFileSync(SERVER, "utf8").split("\n")[region.startLine - 1];
    expect(line).toContain("remote desktop");
  });

  it("Markdown names what failed, and why", async () => {
    const { created } = await runCli([...failing, "--markdown", "summary.md"]);
    const markdown = text(created["summary.md"]);
    expect(markdown).toMatch(/^## Policy tests: \d passed, \d failed$/m);
    expect(markdown).toMatch(/^### ❌ remote desktop is open to the domain only$/m);
    expect(markdown).toContain("Sneaky");
  });

  it("JSON has a record per test and a summary", async () => {
    const records = (await runCli(["test", SERVER, "--json"])).records();
    expect(records.filter(({ type }) => type === "test")).toHaveLength(7);
    expect(records.at(-1)).toMatchObject({ v: 1, type: "summary", passed: 7, failed: 0 });
  });
});
