import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { runCli } from "../cli/run-cli.ts";

const folder = fileURLToPath(new URL("../../../shared/data/wfp/", import.meta.url));
const files = [
  "win11-22h2-windivert-npcap.wfpstate.xml",
  "win11-21h2-portmaster.wfpstate.xml",
  "levoile-1.filters.xml",
  "levoile-2.filters.xml",
  "libgrabber.filters.xml",
];

describe.skipIf(!existsSync(folder)).each(files)("commands on the recording %s", (file) => {
  const policy = folder + file;

  it("answers an inbound SMB connection completely", async () => {
    const flow = "in tcp 203.0.113.9:51000 > 10.0.0.5:445 app=System profile=public";
    const { stdout, status } = await runCli(["trace", flow, "--policy", policy]);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^Verdict {3}(PERMIT|BLOCK|INDETERMINATE) {2}[A-Z_]+ at /m);
    expect(stdout).toMatch(/^ +weight +sublayer +winner +action +rights +note$/m);
    for (const label of ["Observed ", "Assumed ", "Fidelity "]) expect(stdout).toMatch(new RegExp(`^${label}`, "m"));
    expect(stdout).not.toContain("[object");
    expect(stdout).not.toContain("undefined");
    const records = (await runCli(["trace", flow, "--policy", policy, "--json", "--all"])).records();
    expect(records.at(-1)).toMatchObject({ type: "summary", flows: 1 });
  });

  it("shows every kind of object", async () => {
    const kinds = ["--layers", "--sublayers", "--filters", "--callouts", "--providers", "--sessions", "--weights"];
    const { stdout, status } = await runCli(["show", policy, ...kinds]);
    expect(status).toBe(0);
    expect(stdout).not.toContain("[object");
    expect(stdout).not.toContain("undefined");
    const weights = (await runCli(["show", policy, "--weights", "--json"])).records()[0];
    expect(weights).toMatchObject({ type: "weights", autoWeights: { wrong: 0 } });
  });

  it("runs a session between two machines with it", async () => {
    const { status, stderr } = await runCli(["session", "tcp-session", "--policy", policy, "--json"]);
    expect([status, stderr.replace(/^.*: warning: .*\n/gm, "")]).toEqual([0, ""]);
  });
});
