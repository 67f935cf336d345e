import { describe, expect, it } from "vitest";
import { defaultPolicy } from "../../src/firewall/index.ts";
import { writeNetsh } from "../../src/sources/index.ts";
import { runCli } from "./run-cli.ts";

const NAMES = ["tcp-session", "tcp-connect", "tcp-no-listener", "tcp-data", "tcp-reauthorize", "tcp-reauthorize-blocked", "tcp-close"];

describe("wfplab session", () => {
  it("lists the built-in scenarios", async () => {
    const { stdout, status } = await runCli(["session", "--list"]);
    expect(status).toBe(0);
    expect(
      stdout
        .trimEnd()
        .split("\n")
        .map((line) => line.split(" ")[0]),
    ).toEqual(NAMES);
    const records = (await runCli(["session", "--list", "--json"])).records();
    expect(records.map(({ type, name }) => [type, name])).toEqual(NAMES.map((name) => ["scenario", name]));
  });

  it.each(NAMES)("plays %s as text and JSON, over both families", async (name) => {
    for (const family of ["v4", "v6"]) {
      const text = await runCli(["session", name, "--family", family]);
      expect([text.status, text.stderr]).toEqual([0, ""]);
      expect(text.stdout).toMatch(/^\d+ indications: /m);
      const records = (await runCli(["session", name, "--family", family, "--json"])).records();
      const indications = records.filter(({ type }) => type === "indication");
      const outcomes = records.filter(({ type }) => type === "outcome");
      expect(indications.length).toBeGreaterThan(0);
      expect(indications.every(({ layer }) => String(layer).includes(family.toUpperCase()))).toBe(true);
      expect(records.at(-1)).toMatchObject({
        v: 1,
        type: "summary",
        scenario: name,
        indications: indications.length,
        outcomes: outcomes.length,
      });
      const seqs = records.slice(0, -1).map(({ seq }) => Number(seq));
      expect(seqs).toEqual([...seqs].sort((a, b) => a - b));
    }
  });

  it("prints one line per indication under headings", async () => {
    const { stdout } = await runCli(["session", "tcp-connect"]);
    expect(stdout).toMatch(/^tcp-connect: /);
    expect(stdout).toMatch(/^ +[\d.]+s +server +listen +ALE_AUTH_LISTEN_V4 /m);
    expect(stdout).toMatch(/^ +[\d.]+s +client +connect +ALE_AUTH_CONNECT_V4 /m);
    expect(stdout).toMatch(/^ +[\d.]+s +server +SYN in +ALE_AUTH_RECV_ACCEPT_V4 /m);
  });

  it("explains a block: arbitration and the winner's conditions", async () => {
    const desktop = { "state.xml": writeNetsh(defaultPolicy("desktop")) };
    const { stdout } = await runCli(["session", "tcp-connect", "--server-policy", "state.xml", "--server-port", "4444"], {
      files: desktop,
    });
    expect(stdout).toMatch(/ALE_AUTH_RECV_ACCEPT_V4 +BLOCK +#\d+ \(0x[0-9a-f]+\)/);
    expect(stdout).toMatch(/weight +sublayer +winner/);
    expect(stdout).toMatch(/conditions/);
    expect(stdout).toMatch(/connect\(\) .*WSAETIMEDOUT/);
    expect(stdout).toContain("Server    state.xml (netsh wfp show state");
    expect(stdout).toMatch(/^Note +client: no policy was given/m);
  });

  it("says what is wrong in one line, status 2", async () => {
    for (const [args, message] of [
      [["session"], /expected a scenario \(tcp-session, /],
      [["session", "tcp-sessions"], /expected a scenario .*found "tcp-sessions"/],
      [["session", "tcp-connect", "--server-port", "70000"], /--server-port: expected a number from 1 to 65535/],
      [["session", "tcp-connect", "--windows", "95"], /--windows: expected vista or 7/],
      [["session", "tcp-connect", "--policy", "missing.xml"], /missing\.xml: no such file$/],
    ] as const) {
      const { stdout, stderr, status } = await runCli(args);
      expect([args, status, stdout]).toEqual([args, 2, ""]);
      expect(stderr.trimEnd().split("\n")).toHaveLength(1);
      expect(stderr.trimEnd()).toMatch(message);
    }
  });
});
