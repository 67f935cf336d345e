import { describe, expect, it } from "vitest";
import { defaultPolicy } from "../../src/firewall/index.ts";
import { writeNetsh } from "../../src/sources/index.ts";
import { runCli } from "./run-cli.ts";

const files = { "state.xml": writeNetsh(defaultPolicy("desktop")) };

/** Told in full, so that nothing is left open. */
const BLOCKED =
  "in tcp 203.0.113.9:51000 > 192.0.2.10:8080 app=C:\\svc.exe user=SYSTEM groups=none package=none profile=public flags=none iftype=ethernet tunnel=none local-type=unicast";
const PERMITTED =
  "out tcp 192.0.2.10:51000 > 203.0.113.9:443 app=C:\\app.exe user=SYSTEM groups=none package=none profile=public flags=none iftype=ethernet tunnel=none";

describe("wfplab trace", () => {
  it("answers from the policy that ships, and says so", async () => {
    const { stdout, status } = await runCli(["trace", BLOCKED]);
    expect(status).toBe(0);
    expect(stdout).toContain("Verdict   BLOCK  FILTER_BLOCK at ALE_AUTH_RECV_ACCEPT_V4 (layer 44)");
    expect(stdout).toContain("no policy was given: this is one that ships with wfplab");
    for (const label of ["Flow ", "Policy ", "Filter ", "Observed ", "Assumed ", "Fidelity "])
      expect(stdout).toMatch(new RegExp(`^${label}`, "m"));
  });

  it("shows the arbitration, the deciding filter by id in both bases, and its conditions", async () => {
    const { stdout } = await runCli(["trace", BLOCKED, "--policy", "state.xml"], { files });
    expect(stdout).toMatch(/weight +sublayer +winner +action +rights +note/);
    expect(stdout).toMatch(/0x0002 +MPSSVC_WF +#\d+ \(0x[0-9a-f]+\) "/);
    expect(stdout).toMatch(/→ hard block/);
    expect(stdout).toMatch(/origin +Query User Default/);
    expect(stdout).not.toContain("no policy was given");
  });

  it("prints every condition with -v and every filter with --all", async () => {
    const brief = (await runCli(["trace", BLOCKED])).stdout.split("\n").length;
    const conditions = (await runCli(["trace", BLOCKED, "-v"])).stdout.split("\n").length;
    const all = (await runCli(["trace", BLOCKED, "--all"])).stdout;
    expect(conditions).toBeGreaterThan(brief);
    expect(all.split("\n").length).toBeGreaterThan(conditions);
    expect(all).toContain("failed: ");
    expect((await runCli(["trace", BLOCKED, "-v", "-v"])).stdout).toBe(all);
  });

  it("takes the policy from stdin", async () => {
    const { stdout } = await runCli(["trace", BLOCKED, "--policy", "-"], { stdin: files["state.xml"] });
    expect(stdout).toContain("Policy    stdin");
  });

  it("leaves what was not told open and lists it", async () => {
    const records = (await runCli(["trace", "in tcp *:* > *:445", "--json"])).records();
    const summary = records.at(-1);
    expect(summary).toMatchObject({ type: "summary", flows: 1, indeterminate: 1, verdict: "indeterminate" });
    expect(JSON.stringify(summary?.dependsOn)).toContain('"field"');
    const text = (await runCli(["trace", "in tcp *:* > *:445"])).stdout;
    expect(text).toMatch(/^Depends {3}on what the flow leaves open: /m);
    expect(text).toMatch(/^Could be /m);
  });

  it("has JSON records of the shared shape, the verdict, and a summary", async () => {
    const records = (await runCli(["trace", BLOCKED, "--json"])).records();
    expect(records.map(({ v }) => v)).toEqual(records.map(() => 1));
    expect(records.slice(0, -2).every(({ type }) => type === "indication")).toBe(true);
    expect(records.at(-2)).toMatchObject({ type: "verdict", verdict: "block", layerId: 44 });
    expect(records.at(-1)).toMatchObject({ type: "summary", flows: 1, block: 1, verdict: "block", code: "FILTER_BLOCK" });
    const decisive = records.find(({ layerId }) => layerId === 44);
    expect(decisive).toMatchObject({
      event: "SYN",
      direction: "inbound",
      verdict: "block",
      flow: { protocol: 6, local: "192.0.2.10:8080" },
    });
  });

  it("exits 0 whatever the verdict, and as --expect demands", async () => {
    const status = async (...args: string[]) => (await runCli(["trace", ...args])).status;
    expect(await status(BLOCKED)).toBe(0);
    expect(await status(BLOCKED, "--expect", "block")).toBe(0);
    expect(await status(BLOCKED, "--expect", "permit")).toBe(1);
    expect(await status(PERMITTED, "--expect", "permit")).toBe(0);
    expect(await status(PERMITTED, "--expect", "block")).toBe(1);
    expect(await status("in tcp *:* > *:445", "--expect", "block")).toBe(3);
    expect(await status("in tcp *:* > *:445", "--expect", "permit", "--json")).toBe(3);
  });

  it("answers a list of flows a line each, thousands in one run", async () => {
    const flows = Array.from({ length: 1000 }, (_, index) => BLOCKED.replace("8080", String(1024 + index)));
    const list = `# inbound\r\n\r\n${flows.join("\r\n")}\r\n${PERMITTED}\r\n`;
    const { stdout, status } = await runCli(["trace", "--flows", "-"], { stdin: list });
    const lines = stdout.trimEnd().split("\n");
    expect(status).toBe(0);
    expect(lines).toHaveLength(1002);
    expect(lines[0]).toMatch(/^BLOCK +in tcp 203\.0\.113\.9:51000 > 192\.0\.2\.10:1024 .*ALE_AUTH_RECV_ACCEPT_V4/);
    expect(lines.at(-1)).toBe("1001 flows: 1 permitted, 1000 blocked, 0 indeterminate");
    const json = (await runCli(["trace", "--flows", "f", "--json"], { files: { f: list } })).records();
    expect(json.filter(({ type }) => type === "verdict")).toHaveLength(1001);
    expect(json.at(-1)).toMatchObject({ type: "summary", flows: 1001, permit: 1, block: 1000 });
    expect((await runCli(["trace", "--flows", "-", "--expect", "block"], { stdin: list })).status).toBe(1);
  });

  it("prints one line for one flow on demand, and full answers for a list with -v", async () => {
    const line = (await runCli(["trace", BLOCKED, "--one-line"])).stdout;
    expect(line.trimEnd().split("\n")).toHaveLength(1);
    const full = (await runCli(["trace", "--flows", "-", "-v"], { stdin: `${BLOCKED}\n${PERMITTED}\n` })).stdout;
    expect(full.match(/^Verdict/gm)).toHaveLength(2);
  });

  it("says what is wrong with a flow, with its column or line, status 2", async () => {
    const cases: [string[], string, RegExp][] = [
      [["trace"], "", /expected a flow, as in: wfplab trace "in tcp/],
      [["trace", "in", "tcp"], "", /as one argument, in quotes/],
      [["trace", "inn tcp * > *"], "", /flow, column 1: expected "in" or "out"/],
      [["trace", "in tcp * > 10.0.0.300"], "", /column 12: expected an address/],
      [["trace", "in tcp * > * profil=public"], "", /did you mean "profile"\?/],
      [["trace", "in tcp * > * FWPM_CONDITION_NO_SUCH=1"], "", /column 14/],
      [["trace", "--flows", "-"], `${BLOCKED}\nin tcp nonsense > *\n`, /^stdin:2:8: expected an address/],
      [["trace", "--flows", "-"], "# nothing\n", /^stdin: holds no flow/],
      [["trace", "--flows", "missing.txt"], "", /missing\.txt: no such file$/],
      [["trace", BLOCKED, "--flows", "-"], "", /found both/],
      [["trace", "--flows", "-", "--policy", "-"], "", /cannot both read standard input/],
      [["trace", BLOCKED, "--interpretation", "equalWeight=x"], "", /did you mean "equalWeights"\?/],
      [["trace", BLOCKED, "--interpretation", "equalWeights=x"], "", /equalWeights=newest-first or equalWeights=oldest-first/],
    ];
    for (const [args, stdin, message] of cases) {
      const { stdout, stderr, status } = await runCli(args, { stdin });
      expect([args, status, stdout]).toEqual([args, 2, ""]);
      expect(stderr.trimEnd().split("\n")).toHaveLength(1);
      expect(stderr.trimEnd()).toMatch(message);
    }
  });

  it("shows what a closed port answers", async () => {
    const open = (await runCli(["trace", BLOCKED, "--json"])).records();
    const closed = (await runCli(["trace", BLOCKED, "--no-listener", "--json"])).records();
    expect(open.some(({ layer }) => layer === "FWPM_LAYER_ALE_AUTH_RECV_ACCEPT_V4")).toBe(true);
    expect(closed.some(({ layer }) => layer === "FWPM_LAYER_INBOUND_TRANSPORT_V4_DISCARD")).toBe(true);
  });

  it("obeys an interpretation", async () => {
    const { status } = await runCli([
      "trace",
      BLOCKED,
      "--interpretation",
      "equalWeights=oldest-first",
      "--interpretation",
      "emptyMatchesNegation=true",
    ]);
    expect(status).toBe(0);
  });
});
