import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { InputError } from "../../../src/model/index.ts";
import { openSuite, suiteJsonSchema } from "../../../src/sources/index.ts";

const readText = (path: string): string => {
  if (path === "hosts") return "192.0.2.1 a\n# comment\n2001:db8::1 a b # more\n192.0.2.1 c\n";
  throw new InputError("no such file", { file: path });
};
const open = (text: string) => openSuite(text, { file: "s.yaml", readText });

/** The one line that a mistake in a suite gives. */
async function mistake(text: string): Promise<string> {
  try {
    await open(text);
  } catch (error) {
    if (error instanceof InputError) return error.describe();
    throw error;
  }
  return "no mistake";
}

describe("readSuite", () => {
  it("reads flows with their places", async () => {
    const suite = await open(
      'suite: mine\npolicy: "@server"\ntests:\n  - name: web\n    flow: in tcp any > any:80,443\n    expect: permit\n',
    );
    const [test] = suite.tests;
    expect(suite.name).toBe("mine");
    expect(suite.policy?.from).toBe("@server");
    expect(test).toMatchObject({
      kind: "flows",
      name: "web",
      position: { file: "s.yaml", line: 4, column: 11 },
      expect: { verdict: "permit" },
    });
    expect(test?.kind === "flows" && test.flows.map(({ family, protocol }) => [family, protocol])).toEqual([
      [4, 6],
      [6, 6],
    ]);
  });

  it("puts every address of a hosts file in place of {host}, each in its family", async () => {
    const suite = await open("tests:\n  - name: n\n    hosts: hosts\n    flow: out tcp any > {host}:443\n    expect: permit\n");
    const [test] = suite.tests;
    expect(test?.kind === "flows" && test.flows.map(({ family, remoteAddress }) => [family, remoteAddress?.length])).toEqual([
      [4, 1],
      [6, 1],
    ]);
  });

  it("builds a policy upon another of the suite", async () => {
    const suite = await open(
      'policies:\n  a: { from: "@bare", filters: [{ name: x, layer: ALE_AUTH_CONNECT, action: block }] }\n' +
        "  b: { from: a, filters: [{ name: y, layer: ALE_AUTH_CONNECT_V4, action: permit, weight: 15 }] }\n" +
        "tests:\n  - { name: n, policy: b, flow: out tcp any > any, expect: permit }\n",
    );
    const policy = suite.tests[0]?.policy;
    expect(policy?.from).toBe("@bare");
    expect(policy?.filters.map(({ name, layers, weight }) => [name, layers.length, weight])).toEqual([
      ["x", 2, null],
      ["y", 1, 15n],
    ]);
  });

  it.each([
    ["policy: @server\ntests: []", 's.yaml:1:9: "@server" must stand in quotes: YAML keeps @ for itself'],
    ["tests: [1,", "s.yaml:1:11: is not YAML"],
    ["tests: []", "s.yaml:1:8: expected at least 1 of them"],
    ["tests:\n  - name: x\n", "s.yaml:2:5: expected one of flow, flows, scenario, invariant"],
    ["tests:\n  - name: x\n    flow: in tcp any > any\n", "s.yaml:2:5: expected one of expect, decided by, peer sees, at"],
    ["tests:\n  - name: x\n    flow: in tcp any > any\n    expct: block\n", "s.yaml:4:5: expected name, "],
    ["tests:\n  - name: x\n    flow: in tcp any > any\n    expct: block\n", 'found "expct" - did you mean "expect"?'],
    [
      "tests:\n  - name: x\n    flow: in tcp any > any\n    expect: deny\n",
      's.yaml:4:13: expected permit, block, indeterminate, found "deny"',
    ],
    ["tests:\n  - name: 7\n    flow: in tcp any > any\n    expect: block\n", 's.yaml:2:11: expected name: a string, found "7"'],
    [
      "tests:\n  - name: x\n    flow: in tpc any > any\n    expect: block\n",
      's.yaml:3:11: flow "in tpc any > any", column 4: expected a protocol',
    ],
    ["tests:\n  - name: x\n    flow: in tcp any > any:99999\n    expect: block\n", "s.yaml:3:11: "],
    ["tests:\n  - name: x\n    flow: in tcp 10.0.0.1 > [::1]:80\n    expect: block\n", "expected addresses of one family at both ends"],
    ["tests:\n  - name: x\n    flow: in tcp any > {host}:1\n    expect: block\n", 'expected "hosts:" with a hosts file'],
    ["tests:\n  - name: x\n    hosts: gone\n    flow: in tcp any > {host}:1\n    expect: block\n", "no such file"],
    [
      "tests:\n  - { name: x, flow: in tcp any > any, expect: block }\n  - { name: x, flow: in tcp any > any, expect: block }\n",
      's.yaml:3:13: expected a name of its own, found "x"',
    ],
    ["tests:\n  - name: x\n    invariant: agent reaches its cloud\n    app: a\n", 's.yaml:3:16: "agent reaches its cloud" needs "to:"'],
    ["tests:\n  - name: x\n    invariant: loopback works\n    tunnel: luid:1\n", '"loopback works" takes app, except, found tunnel'],
    ["tests:\n  - name: x\n    scenario: tcp-session\n    expect: [{ host: client }]\n", "s.yaml:4:14: expected an operation"],
    [
      "policies:\n  p: { filters: [{ name: f, layer: ALE_AUTH_CONECT, action: block }] }\ntests:\n  - { name: x, flow: in tcp any > any, expect: block }\n",
      's.yaml:2:36: expected a layer, found "ALE_AUTH_CONECT" - did you mean "ALE_AUTH_CONNECT"?',
    ],
    [
      "policies:\n  p: { filters: [{ name: f, layer: STREAM, action: callout }] }\ntests:\n  - { name: x, flow: in tcp any > any, expect: block }\n",
      'expected "callout:" with the callout\'s name',
    ],
    [
      "policies:\n  p: { filters: [{ name: f, layer: STREAM, action: block, conditions: [IP_REMOTE_PRT = 1] }] }\ntests:\n  - { name: x, flow: in tcp any > any, expect: block }\n",
      'expected a field\'s name, found "IP_REMOTE_PRT" - did you mean "IP_REMOTE_PORT"?',
    ],
  ])("tells the mistake in %j with its place", async (text, message) => {
    expect(await mistake(text)).toContain(message);
  });

  it("has a JSON Schema, which ships as schemas/suite.schema.json", async () => {
    const shipped: unknown = JSON.parse(
      readFileSync(fileURLToPath(new URL("../../../schemas/suite.schema.json", import.meta.url)), "utf8"),
    );
    // npx tsx scripts/generate-suite-schema.ts writes it anew.
    expect(shipped).toEqual(await suiteJsonSchema());
  });
});
