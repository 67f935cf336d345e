import { readFileSync } from "node:fs";
import { Ajv } from "ajv";
import formats from "ajv-formats";
import { describe, expect, it } from "vitest";
import { LINT_CHECKS } from "../../src/analysis/index.ts";
import { runCli } from "./run-cli.ts";

const TROUBLED = "examples/rules/troubled.csv";
const decoded = (bytes: Uint8Array | undefined) => new TextDecoder().decode(bytes);

describe("wfplab lint", () => {
  it.each(["@desktop", "@server", "examples/rules/workstation.reg"])("%s: nothing that anybody could mend", async (policy) => {
    const { stdout, status } = await runCli(["lint", policy]);
    expect([policy, status]).toEqual([policy, 0]);
    expect(stdout).toMatch(/^Findings +none/m);
  });

  it("finds what is wrong, the worst first, with id, filter, reason and where to read on", async () => {
    const { stdout, status } = await runCli(["lint", TROUBLED]);
    expect(status).toBe(1);
    const found = [...stdout.matchAll(/^(error|warning|note) +(WFP\d{3}) {2}#\d+ \(0x[0-9a-f]+\) "([^"]*)" (\S+)$/gm)].map(
      ([, ...parts]) => parts,
    );
    expect(found).toEqual([
      ["error", "WFP030", "Quiet", "ALE_AUTH_CONNECT_V4"],
      ["error", "WFP030", "Quiet", "ALE_AUTH_CONNECT_V6"],
      ["warning", "WFP003", "Allow everything (test, remove)", "ALE_AUTH_RECV_ACCEPT_V4"],
      ["warning", "WFP003", "Allow everything (test, remove)", "ALE_AUTH_RECV_ACCEPT_V6"],
      ["warning", "WFP044", "SSH for the help desk", "ALE_AUTH_RECV_ACCEPT_V4"],
    ]);
    expect(stdout).toMatch(/is decided before by "No SSH" \(#\d+\)/);
    expect(stdout).toMatch(/^Findings +2 errors, 3 warnings; \d+ of less severity/m);
    expect(stdout).toMatch(/^Help +docs\/lint\.md has a section for each id/m);
  });

  it("--only, --ignore and --severity choose checks, by id or name", async () => {
    const ids = async (...args: string[]) => {
      const records = (await runCli(["lint", TROUBLED, "--json", ...args])).records();
      return [...new Set(records.filter(({ type }) => type === "finding").map(({ id }) => id))];
    };
    expect(await ids("--only", "WFP030")).toEqual(["WFP030"]);
    expect(await ids("--only", "isolatedagent", "--only", "WFP044")).toEqual(["WFP030", "WFP044"]);
    expect(await ids("--ignore", "IsolatedAgent")).toEqual(["WFP003", "WFP044"]);
    expect(await ids("--severity", "error")).toEqual(["WFP030"]);
    expect(await ids("--severity", "note", "--only", "WFP045")).toEqual(["WFP045"]);
    expect((await runCli(["lint", TROUBLED, "--only", "WFP001"])).status).toBe(0);
  });

  it("--explain says what to do and whom it is about", async () => {
    const { stdout } = await runCli(["lint", TROUBLED, "--only", "WFP044", "--explain"]);
    expect(stdout).toMatch(/^ {4}Remove the rule, or the one that hides it\./m);
    expect(stdout).toMatch(/^ {4}about #\d+ .*"No SSH"$/m);
  });

  it("--list has every check", async () => {
    const { stdout, status } = await runCli(["lint", "--list"]);
    expect(status).toBe(0);
    expect(stdout.trim().split("\n")).toHaveLength(LINT_CHECKS.length);
    const records = (await runCli(["lint", "--list", "--json"])).records();
    expect(records.map(({ id }) => id)).toEqual(LINT_CHECKS.map(({ id }) => id));
    for (const record of records) expect(record).toMatchObject({ v: 1, type: "check", advice: expect.stringMatching(/\.$/) });
  });

  it("--json: a record per finding, and a summary that counts them", async () => {
    const records = (await runCli(["lint", TROUBLED, "--json"])).records();
    const findings = records.filter(({ type }) => type === "finding");
    expect(findings[0]).toMatchObject({
      id: "WFP030",
      severity: "error",
      filter: { filterName: "Quiet", action: "FWP_ACTION_BLOCK" },
      related: [],
    });
    expect(records.at(-1)).toMatchObject({ type: "summary", policy: TROUBLED, findings: 5, errors: 2, warnings: 3, notes: 0 });
    expect(findings).toHaveLength(5);
  });

  it("--sarif is SARIF 2.1.0: rules, levels, help, and the lines of a dump", async () => {
    const schema = JSON.parse(readFileSync("test/fixtures/schemas/sarif-subset.schema.json", "utf8"));
    const validate = formats.default(new Ajv()).compile(schema);
    const dump = DUMP;
    const { created, status } = await runCli(["lint", "machine.xml", "--sarif", "out.sarif", "--severity", "note"], {
      files: { "machine.xml": dump },
    });
    expect(status).toBe(1);
    const sarif = JSON.parse(decoded(created["out.sarif"]));
    expect(validate(sarif), JSON.stringify(validate.errors)).toBe(true);
    const { results, tool } = sarif.runs[0];
    expect(tool.driver.rules.map(({ id }: { id: string }) => id)).toEqual(LINT_CHECKS.map(({ id }) => id));
    for (const rule of tool.driver.rules)
      expect(rule.help.text).toContain(`docs/lint.md, section "${rule.id}: ${rule.shortDescription.text}"`);
    for (const { ruleId, ruleIndex } of results) expect(tool.driver.rules[ruleIndex].id).toBe(ruleId);
    const open = results.find(({ ruleId }: { ruleId: string }) => ruleId === "WFP003");
    expect(open).toMatchObject({
      level: "warning",
      locations: [
        {
          physicalLocation: {
            artifactLocation: { uri: "machine.xml" },
            region: { startLine: dump.split("\n").findIndex((line) => line.includes("<item>")) + 1 },
          },
          logicalLocations: [{ name: "Open door", fullyQualifiedName: "{11111111-2222-3333-4444-555555555555}" }],
        },
      ],
    });
    // The schema can refuse.
    expect(validate({ ...sarif, version: "2.0.0" })).toBe(false);
  });

  it.each([
    [["lint", "--only", "WFP999"], /expected a check .* found "WFP999"/],
    [["lint", "--ignore", "HardPermits"], /did you mean "?HardPermit/i],
    [["lint", "missing.xml"], /missing\.xml/],
  ])("%j: one line, status 2", async (args, message) => {
    const { stderr, status } = await runCli(args);
    expect([status, stderr.trim().split("\n").length]).toEqual([2, 1]);
    expect(stderr).toMatch(message);
  });
});

/** A file of `netsh wfp show filters` with one filter, which permits everything. */
const DUMP = `<?xml version="1.0" encoding="UTF-8"?>
<wfpdiag>
  <filters numItems="1">
    <item>
      <filterKey>{11111111-2222-3333-4444-555555555555}</filterKey>
      <displayData><name>Open door</name><description/></displayData>
      <flags/>
      <providerKey/>
      <providerData/>
      <layerKey>FWPM_LAYER_ALE_AUTH_RECV_ACCEPT_V4</layerKey>
      <subLayerKey>FWPM_SUBLAYER_UNIVERSAL</subLayerKey>
      <weight><type>FWP_EMPTY</type></weight>
      <filterCondition/>
      <action><type>FWP_ACTION_PERMIT</type><filterType/></action>
      <rawContext>0</rawContext>
      <reserved/>
      <filterId>70001</filterId>
      <effectiveWeight><type>FWP_UINT64</type><uint64>0</uint64></effectiveWeight>
    </item>
  </filters>
</wfpdiag>
`;
