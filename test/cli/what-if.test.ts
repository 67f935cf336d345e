import { describe, expect, it } from "vitest";
import { defaultPolicy } from "../../src/firewall/index.ts";
import { writeNetsh } from "../../src/sources/index.ts";
import { runCli } from "./run-cli.ts";

const RDP = "in tcp 203.0.113.9:51000 > 10.0.0.5:3389 app=System profile=domain";
const DUMP = { "state.xml": writeNetsh(defaultPolicy("server")) };

/** The records of `trace --json`. */
async function verdicts(args: readonly string[], files = {}) {
  const { status, stderr, records } = await runCli(["trace", RDP, ...args, "--json"], { files });
  expect([status, stderr]).toEqual([0, ""]);
  const all = records();
  return {
    trace: all.find(({ type }) => type === "trace"),
    all,
  };
}

describe("what if", () => {
  it("a rule that comes: the shipped policy is compiled again", async () => {
    const { stdout, status } = await runCli(["trace", RDP, "--with", "allow in tcp 3389 from 203.0.113.0/24 profile=domain name=RDP"]);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^What if {3}with allow in tcp 3389 .*: 2 filters added/m);
    expect(stdout).toMatch(/^Before {4}BLOCK/m);
    expect(stdout).toMatch(/^After {5}PERMIT/m);
  });

  it("a rule that goes, is switched off, is switched on", async () => {
    for (const args of [
      ["--without", "Remote desktop (TCP)"],
      ["--disable", "Remote desktop (TCP)"],
    ]) {
      const { stdout } = await runCli([
        "trace",
        RDP.replace("app=System", "service=TermService app=C:\\Windows\\System32\\svchost.exe package=none user=S-1-5-20 groups=none"),
        "--policy",
        "@server",
        ...args,
      ]);
      expect(stdout).toMatch(/^Before {4}PERMIT/m);
      expect(stdout).toMatch(/^After {5}BLOCK/m);
    }
  });

  it("in a dump: the rule's filters are added to Windows Firewall's own", async () => {
    const { stdout } = await runCli(["trace", RDP, "--policy", "state.xml", "--with", "allow in tcp 3389 name=RDP"], { files: DUMP });
    expect(stdout).toMatch(/^After {5}PERMIT/m);
    expect(stdout).toMatch(/"RDP"/);
  });

  it("in a dump: a filter by id or key goes", async () => {
    const { stdout: before } = await runCli(["trace", RDP, "--policy", "state.xml"], { files: DUMP });
    const [, id] = /^Filter {4}#(\d+)/m.exec(before) ?? [];
    expect(id).toBeDefined();
    const { stdout } = await runCli(["trace", RDP, "--policy", "state.xml", "--without", String(id)], { files: DUMP });
    expect(stdout).toMatch(/What if .*filter.*removed|What if .*1 filter/);
  });

  it("other profiles", async () => {
    const { stdout, status } = await runCli(["trace", RDP.replace(" profile=domain", ""), "--policy", "@server", "--profile", "domain"]);
    expect(status).toBe(0);
    expect(stdout).toMatch(/What if/);
  });

  it("a session shows where it takes another course", async () => {
    const { stdout, status } = await runCli(["session", "tcp-connect", "--with", "block in tcp 8080 name=closed"]);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^Changed {3}server SYN ALE_AUTH_RECV_ACCEPT_V4: permit by .* -> block by "closed"$/m);
    const records = (await runCli(["session", "tcp-connect", "--with", "block in tcp 8080 name=closed", "--json"])).records();
    expect(records[0]).toMatchObject({ type: "what-if" });
    expect(records.at(-1)).toMatchObject({ type: "summary", differences: expect.anything() });
  });

  it("says what it cannot do in one line, status 2", async () => {
    for (const [args, message] of [
      [["--without", "No such rule"], /has no rule or filter "No such rule"/],
      [["--with", "allow in tpc 3389"], /rule, column 10: expected a protocol .*found "tpc".*tcp/],
      [["--with", "allow in tcp 3389 profil=domain"], /column 19: expected .*found "profil".*profile/],
      [["--enable", "Nobody"], /Nobody/],
    ] as const) {
      const { stdout, stderr, status } = await runCli(["trace", RDP, ...args]);
      expect([args, status, stdout]).toEqual([args, 2, ""]);
      expect(stderr.trimEnd().split("\n")).toHaveLength(1);
      expect(stderr).toMatch(message);
    }
  });

  it("is a record of its own in JSON", async () => {
    const { all } = await verdicts(["--with", "allow in tcp 3389 name=RDP"]);
    expect(all[0]).toMatchObject({ v: 1, type: "what-if" });
  });

  it("replays a capture through both policies, and counts the flows of each verdict", async () => {
    const args = ["replay", "examples/captures/server.pcapng", "--policy", "@server", "--hosts", "examples/hosts.yaml", "--with"];
    const { stdout, status } = await runCli([...args, "allow in tcp 9090"]);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^What if {3}with allow in tcp 9090: 4 filters added/);
    expect(stdout).toMatch(
      /\nBefore {4}3 flows permitted, 3 blocked, 0 indeterminate\nAfter {5}4 flows permitted, 2 blocked, 0 indeterminate\n$/,
    );
    const records = (await runCli([...args, "allow in tcp 9090", "--json"])).records();
    expect(records[0]).toMatchObject({ type: "what-if", changes: [{ kind: "with", text: "allow in tcp 9090" }] });
    expect(records.at(-1)).toMatchObject({ type: "summary", before: { permit: 3, block: 3 }, verdicts: { permit: { flows: 4 } } });
    expect((await runCli([...args, "nonsense"])).status).toBe(2);
    const twice = await runCli([...args, "allow in tcp 9090", "--policy-at", "2026-01-31T08:00:03Z=@server"]);
    expect(twice.stdout).toContain("After     4 flows permitted");
  });
});
