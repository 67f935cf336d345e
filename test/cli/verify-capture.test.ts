import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { runCli } from "./run-cli.ts";

const LOG = "examples/verify/server.security.jsonl";
const CAPTURE = "examples/verify/server.pcapng";
const lines = readFileSync(LOG, "utf8").trim().split("\n");

const verify = (...args: readonly string[]) => runCli(["verify", LOG, "--policy", "@server", "--capture", CAPTURE, ...args]);

describe("wfplab verify --capture", () => {
  it("finds every verdict's packet and says that all agrees", async () => {
    const { stdout, stderr, status } = await verify();
    expect(stderr).toBe("");
    expect(status).toBe(0);
    expect(stdout).toContain("the log's is 2 h behind the capture's");
    expect(stdout).toContain("    5 events, 5 SYNs in the capture, 5 events by the model");
    expect(stdout).toContain("4 flows compared: counts, times and answers agree.");
  });

  it("--json has a record a verdict, a flow and the capture", async () => {
    const result = await verify("--json");
    const records = result.records();
    const of = (type: string) => records.filter((record) => record.type === type);
    expect(of("capture-match").length).toBe(14);
    expect(
      of("capture-flow")
        .map(({ layerId, action, result: found }) => `${layerId} ${action} ${found}`)
        .sort(),
    ).toEqual(["13 block agrees", "32 block agrees", "44 block agrees", "44 permit agrees"]);
    expect(of("capture-summary")).toMatchObject([
      { v: 1, capture: CAPTURE, matched: 8, clock: { zone: 7200 }, tally: { differs: 0 }, remarks: [] },
    ]);
  });

  it("--format markdown has a section", async () => {
    const { stdout } = await verify("--format", "markdown");
    expect(stdout).toContain(`### Capture \`${CAPTURE}\``);
    expect(stdout).toContain("| 13 INBOUND_TRANSPORT_V4_DISCARD block | 1 | 0 | 0 |");
  });

  it("exits with 1 where the log and the packets differ", async () => {
    // The third of five blocked SYNs has no event.
    const blocked = lines.filter((line) => line.includes('"EventID":5157'));
    const missing = lines.filter((line) => line !== blocked[2]).join("\n");
    const { stdout, status } = await runCli(["verify", "log.jsonl", "--capture", CAPTURE], { files: { "log.jsonl": missing } });
    expect(status).toBe(1);
    expect(stdout).toMatch(/differs {2}SERVER1: in tcp .*\n.*\n {4}4 events recorded, the model writes 5\n/);
    expect(stdout).toContain("4 flows compared: 1 flow differs.");
  });

  it("works without a policy: the recorded filters are the model's", async () => {
    const { stdout, status } = await runCli(["verify", LOG, "--capture", CAPTURE]);
    expect(status).toBe(0);
    expect(stdout).toContain("4 flows compared: counts, times and answers agree.");
  });

  it("reads damaged captures to the damage, and refuses what is none", async () => {
    const cut = new Uint8Array(readFileSync(CAPTURE)).slice(0, -20);
    const damaged = await runCli(["verify", LOG, "--capture", "cut.pcapng"], { files: { "cut.pcapng": cut } });
    expect(damaged.stdout).toContain("note: the capture is damaged at byte");
    expect(damaged.stdout).toContain("9 packets");
    const none = await runCli(["verify", LOG, "--capture", "text.txt"], { files: { "text.txt": "no capture" } });
    expect(none.status).toBe(2);
    expect(none.stderr).toMatch(/^text\.txt: .+\n$/);
  });

  it("--host keeps to one computer's verdicts; standard input is read once", async () => {
    const other = lines.map((line) => line.replace("SERVER1", "OTHER").replace(":5157", ":5156")).join("\n");
    const files = { "log.jsonl": `${lines.join("\n")}\n${other}\n` };
    const { stdout, status } = await runCli(["verify", "log.jsonl", "--capture", CAPTURE, "--host", "server1"], { files });
    expect(status).toBe(0);
    expect(stdout).not.toContain("OTHER: ");
    const twice = await runCli(["verify", "-", "--capture", "-"], { stdin: "{}" });
    expect([twice.status, twice.stderr]).toEqual([2, expect.stringContaining("only one of EVENTS, --policy and --capture")]);
  });
});
