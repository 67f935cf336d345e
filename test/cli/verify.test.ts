import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { runCli } from "./run-cli.ts";

const EVENTS = "examples/events/workstation.security.jsonl";
const text = readFileSync(EVENTS, "utf8");
/** The example with one contradiction: a connection to a port that the recorded rule is not for. */
const wrong = text.replace(
  '"DestPort": "8080", "Protocol": "6", "FilterRTID": "504"',
  '"DestPort": "8081", "Protocol": "6", "FilterRTID": "504"',
);

describe("wfplab verify", () => {
  it("prints a record per verdict and the sums", async () => {
    const run = await runCli(["verify", EVENTS, "--json"]);
    const records = run.records();
    expect(records).toHaveLength(10);
    expect(records[0]).toMatchObject({ v: 1, type: "event", line: 14, result: null, actionResult: "agrees", filterId: "0" });
    expect(records.at(-1)).toMatchObject({
      type: "summary",
      events: 9,
      withFilter: 8,
      exact: 5,
      compatible: 3,
      contradiction: 0,
      unresolvable: 0,
      otherHosts: {},
    });
    expect([run.status, run.stderr]).toEqual([0, ""]);
  });

  it("ends with status 1 where something cannot be, and says why condition by condition", async () => {
    const run = await runCli(["verify", "wrong.jsonl"], { files: { "wrong.jsonl": wrong } });
    expect(run.status).toBe(1);
    expect(run.stdout).toContain("Contradictions");
    expect(run.stdout).toMatch(/local port = 8080.*8081/i);
    const json = await runCli(["verify", "-", "--json"], { stdin: wrong });
    const record = json.records().find(({ result }) => result === "contradiction");
    expect(record?.contradiction).toMatchObject({ stronger: [{ filterId: "502", filterName: "Query User" }] });
    const markdown = await runCli(["verify", "-", "--format", "md"], { stdin: wrong });
    expect([markdown.status, markdown.stdout.includes("### Contradictions")]).toEqual([1, true]);
  });

  it("takes another log for the policy, and a packed one", async () => {
    const verdicts = text
      .split("\n")
      .filter((line) => /"EventID": 51/.test(line))
      .join("\n");
    const without = await runCli(["verify", "verdicts.jsonl"], { files: { "verdicts.jsonl": verdicts } });
    expect([without.status, without.stdout.includes("8 are of a computer whose policy is not known")]).toEqual([0, true]);
    const run = await runCli(["verify", "verdicts.jsonl.gz", "--policy", EVENTS, "--json"], {
      files: { "verdicts.jsonl.gz": gzipSync(verdicts) },
    });
    expect(run.records().at(-1)).toMatchObject({ policy: EVENTS, withFilter: 8, contradiction: 0, unresolvable: 1 });
  });

  it("does not hold one computer's verdicts against another's policy", async () => {
    const two = text.replace(/PC12(?=[^\n]*\n$)/, "PC13");
    const asked = await runCli(["verify", "-", "--policy", "@desktop"], { stdin: two });
    expect([asked.status, asked.stderr]).toEqual([
      2,
      "wfplab: the log has verdicts of 2 computers: --host says whose the policy is (PC12.example.com, PC13.example.com)\n",
    ]);
    const one = await runCli(["verify", "-", "--host", "pc13.example.com", "--json"], { stdin: two });
    expect(one.records().at(-1)).toMatchObject({ events: 1, hosts: ["PC13.example.com"] });
    const nobody = await runCli(["verify", "-", "--host", "PC14"], { stdin: two });
    expect([nobody.status, nobody.stderr.includes("PC13.example.com")]).toEqual([2, true]);
  });

  it.each([
    [["verify", "-"], "", /stdin: is empty; expected events of the Security log/],
    [["verify", "-"], "hello\n", /stdin:1: holds no event/],
    [["verify", EVENTS, "--json", "--markdown"], "", /different forms/],
    [["verify", "-", "--policy", "-"], "", /only one of EVENTS and --policy/],
    [["verify", EVENTS, "--policy", "-"], text.split("\n").at(15) ?? "", /no event 5441 or 5447/],
  ])("%j of %j", async (args, stdin, message) => {
    const { status, stderr } = await runCli(args, { stdin });
    expect([status, stderr.trimEnd().split("\n").length]).toEqual([2, 1]);
    expect(stderr).toMatch(message);
  });

  it("says what cannot be compared, and how it could be", async () => {
    const asked = JSON.stringify({ EventID: 5031, Hostname: "PC12.example.com", Profiles: "Domain", Application: "C:\\new.exe" });
    const log = await runCli(["verify", "-"], { stdin: `${text}${asked}\n${asked}\n` });
    expect(log.stdout).toContain("2 events 5031");
    expect((await runCli(["verify", EVENTS])).stdout).not.toContain("5031");
    const dropped =
      "#Version: 1.5\n#Fields: date time action protocol src-ip dst-ip src-port dst-port size tcpflags tcpsyn tcpack tcpwin icmptype icmpcode info path\n" +
      "2026-01-02 03:04:05 DROP TCP 192.0.2.1 192.0.2.2 50000 445 52 S 1 0 8192 - - - RECEIVE\n";
    const firewall = await runCli(["verify", "-"], { stdin: dropped });
    expect([firewall.status, firewall.stdout.includes("--policy FILE recomputes")]).toEqual([0, true]);
    const judged = await runCli(["verify", "-", "--policy", "@desktop"], { stdin: dropped });
    expect(judged.stdout).toContain("1  end as the model says");
    expect(judged.stdout).not.toContain("--policy FILE");
  });

  it("tells damaged lines and keeps the rest", async () => {
    const { stderr, status, records } = await runCli(["verify", "-", "--json"], { stdin: `${text}{"EventID": 5156, "Host` });
    expect([status, stderr, records().length]).toEqual([0, "stdin:25: error: damaged JSON\n", 10]);
  });
});
