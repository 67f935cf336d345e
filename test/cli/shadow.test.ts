import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { runCli } from "./run-cli.ts";

const TROUBLED = "examples/rules/troubled.csv";

describe("wfplab shadow", () => {
  it.each(["@desktop", "@server"])("%s: nothing that anybody could mend, and --all lists what Windows itself makes", async (policy) => {
    const { stdout, stderr, status } = await runCli(["shadow", policy]);
    expect([status, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/^Found +nothing$/m);
    const all = (await runCli(["shadow", policy, "--all", "--json"])).records();
    const summary = all.at(-1);
    expect(summary).toMatchObject({ type: "summary", left: 0, rules: 0, incomplete: [] });
    const findings = all.filter(({ type }) => type === "finding");
    expect(stdout).toContain(`${findings.length} findings about filters of Windows' own`);
    for (const kind of ["shadowed", "tie", "redundant"])
      expect(findings.filter((each) => each.kind === kind)).toHaveLength(Number(summary?.[kind]));
    // Start-up filters stand behind the firewall's defaults once it runs.
    expect(findings).toContainEqual(
      expect.objectContaining({
        kind: "shadowed",
        filterName: "Closed at start-up",
        action: "FWP_ACTION_BLOCK",
        windowsOwn: true,
        rule: null,
      }),
    );
  });

  it("names the rules that never decide, and who decides before them with which action", async () => {
    const { stdout, status } = await runCli(["shadow", TROUBLED]);
    expect(status).toBe(1);
    expect(stdout).toMatch(
      /^Rules that never decide \(1\)\n {2}"SSH for the help desk" permit .*\n {4}by #\d+ \(0x[0-9a-f]+\) "No SSH" block$/m,
    );
    expect(stdout).toMatch(
      /^Rules without which .*\(1\)\n {2}"Web server" permit .*\n {4}as #\d+ .*"Allow everything \(test, remove\)" permit$/m,
    );
    const records = (await runCli(["shadow", TROUBLED, "--json"])).records();
    expect(records.filter(({ type }) => type === "rule").map(({ kind, rule }) => [kind, rule])).toEqual([
      ["redundant", "web"],
      ["never-decides", "ssh"],
    ]);
  });

  it("what it calls a rule without effect can be switched off: no flow is treated differently", async () => {
    const text = readFileSync(TROUBLED, "utf8");
    const rules = (await runCli(["shadow", TROUBLED, "--json"])).records().filter(({ type }) => type === "rule");
    const off = rules.reduce((rest, { rule }) => rest.replace(new RegExp(`("${rule}";"[^"]*";)"True"`), '$1"False"'), text);
    expect(off).not.toBe(text);
    const without = (await runCli(["diff", TROUBLED, "off.csv", "--json"], { files: { "off.csv": off } })).records().at(-1);
    expect(without).toMatchObject({ type: "summary", differences: 0, certainty: "proved" });
    expect(Number(without?.removed)).toBeGreaterThan(0);
    // The judge can say otherwise: without the rule that hides the others something changes.
    const other = text.replace(/("no-ssh";"[^"]*";)"True"/, '$1"False"');
    const changed = (await runCli(["diff", TROUBLED, "off.csv", "--json"], { files: { "off.csv": other } })).records().at(-1);
    expect(Number(changed?.differences)).toBeGreaterThan(0);
  });

  it("--kind and --layer narrow what is listed; a layer's filters are told of one by one", async () => {
    const kinds = (await runCli(["shadow", TROUBLED, "--kind", "redundant", "--json"])).records();
    expect(kinds.filter(({ type }) => type === "rule").map(({ kind }) => kind)).toEqual(["redundant"]);
    const { stdout, status } = await runCli(["shadow", TROUBLED, "--layer", "recv_accept_v4", "--kind", "shadowed"]);
    expect(status).toBe(1);
    expect(stdout).toMatch(/"SSH for the help desk" permit {2}ALE_AUTH_RECV_ACCEPT_V4, MPSSVC_WF\n {4}by #\d+ .*"No SSH" block/);
    expect(stdout).not.toMatch(/Rules|_V6/);
  });

  it("--explain adds what the filters ask for, and the cost", async () => {
    const { stdout } = await runCli(["shadow", TROUBLED, "--layer", "ALE_AUTH_RECV_ACCEPT_V4", "--kind", "shadowed", "--explain"]);
    expect(stdout).toMatch(/asks remote address in 10\.20\.0\.0\/16/);
    expect(stdout).toMatch(/^Cost +[\d,]+ nodes/m);
  });

  it("a budget that does not suffice is said, and nothing found then is no proof", async () => {
    const { stdout, status } = await runCli(["shadow", "@desktop", "--max-nodes", "1000"]);
    expect(status).toBe(3);
    expect(stdout).toMatch(/^Unsettled the budget did not suffice .*ALE_AUTH_RECV_ACCEPT_V4/m);
    const [summary] = (await runCli(["shadow", "@desktop", "--max-nodes", "1000", "--json"])).records().slice(-1);
    expect(summary?.incomplete).toContain("FWPM_LAYER_ALE_AUTH_RECV_ACCEPT_V4");
  });

  it.each([
    [["shadow", "--layer", "ALE_AUTH_KONNECT"], /no layer has "ALE_AUTH_KONNECT" in its name/],
    [["shadow", "missing.xml"], /missing\.xml/],
    [["shadow", "--max-nodes", "3"], /--max-nodes: expected a whole number/],
  ])("%j: one line, status 2", async (args, message) => {
    const { stderr, status } = await runCli(args);
    expect([status, stderr.trim().split("\n").length]).toEqual([2, 1]);
    expect(stderr).toMatch(message);
  });
});
