import { describe, expect, it } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { runCli } from "./run-cli.ts";

describe("wfplab", () => {
  it("prints help with an example for itself and for each command", async () => {
    for (const args of [[], ["--help"], ["session", "--help"], ["trace", "--help"], ["show", "--help"]]) {
      const { stdout, stderr, status } = await runCli(args);
      expect([args, status, stderr]).toEqual([args, 0, ""]);
      expect(stdout).toContain("EXAMPLES\n  wfplab ");
    }
  });

  it("prints the version of the package", async () => {
    expect(await runCli(["--version"])).toMatchObject({ stdout: `${manifest.version}\n`, status: 0 });
  });

  it("answers wrong usage with one line and status 2", async () => {
    for (const [args, message] of [
      [["frobnicate"], /^wfplab: No command registered for `frobnicate`; wfplab --help/],
      [["sow"], /did you mean `show`\?/],
      [["show", "--laers"], /did you mean --layers/],
      [["show", "--layer"], /--layer/],
      [["trace", "in tcp * > *", "--expect", "maybe"], /--expect/],
    ] as const) {
      const { stdout, stderr, status } = await runCli(args);
      expect([args, status, stdout]).toEqual([args, 2, ""]);
      expect(stderr.trimEnd().split("\n")).toHaveLength(1);
      expect(stderr).toMatch(message);
    }
  });

  it("prints a stack trace only when asked to", async () => {
    const args = ["show", "/nowhere.xml"];
    expect((await runCli(args)).stderr).not.toContain("    at ");
    expect((await runCli(args, { env: { WFPLAB_DEBUG: "1" } })).stderr).toContain("    at ");
  });

  it("uses colour on a terminal only, and not where NO_COLOR is set", async () => {
    const args = ["show", "--layers"];
    expect((await runCli(args, { terminal: true })).stdout).toContain("\u001b[");
    expect((await runCli(args, { terminal: true, env: { NO_COLOR: "1" } })).stdout).not.toContain("\u001b[");
    expect((await runCli(args)).stdout).not.toContain("\u001b[");
  });
});
