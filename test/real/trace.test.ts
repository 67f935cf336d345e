import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { buildPolicy, FilterEngine } from "../../src/engine/index.ts";
import { parseFlow } from "../../src/model/index.ts";
import { readNetsh } from "../../src/sources/index.ts";
import { traceFlow } from "../../src/stack/index.ts";

const folder = "../shared/data/wfp";
const SMB = "in tcp 203.0.113.9:51000 > 10.0.0.5:445 app=System profile=public";

describe.skipIf(!existsSync(folder))("traces through policies of real machines (../shared/data/wfp)", () => {
  const engineOf = (file: string) => new FilterEngine(buildPolicy(readNetsh(readFileSync(`${folder}/${file}`, "utf8"), { source: file })));

  it("SMB from the Internet on a public network: blocked by the default of inbound connections", () => {
    const found = traceFlow(engineOf("win11-22h2-windivert-npcap.wfpstate.xml"), parseFlow(SMB), { windows: "11" });
    expect(found).toMatchObject({ verdict: "block", code: "FILTER_BLOCK", dependsOn: [] });
    expect(found.decisive?.decision?.filter?.origin).toBe("Query User Default");
    expect(found.observed.peer).toMatch(/timeout/);
  });

  it("the Portmaster machine: a verdict that is not certain names the callouts it depends on", () => {
    const found = traceFlow(
      engineOf("win11-21h2-portmaster.wfpstate.xml"),
      parseFlow("out tcp 10.0.0.5:49701 > 203.0.113.9:443 profile=public package=none"),
      {
        windows: "11",
      },
    );
    expect(found.verdict).toBe("indeterminate");
    expect(found.dependsOn.some((dependency) => dependency.kind === "callout" && dependency.calloutName.includes("Portmaster"))).toBe(true);
    const branches = new Set(found.decisive?.decision?.alternatives.map(({ verdict }) => verdict));
    expect(branches).toEqual(new Set(["permit", "block"]));
  });
});
