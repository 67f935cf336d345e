import { describe, expect, it } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { runCli } from "./run-cli.ts";

const COMMANDS = ["session", "trace", "show", "replay", "verify", "rules", "test", "search", "reach", "diff", "shadow", "lint"];

describe("wfplab", () => {
  it("prints help with an example for itself and for each command", async () => {
    for (const args of [[], ["--help"], ...COMMANDS.map((command) => [command, "--help"])]) {
      const { stdout, stderr, status } = await runCli(args);
      expect([args, status, stderr]).toEqual([args, 0, ""]);
      expect(stdout).toContain("EXAMPLES\n  wfplab ");
    }
  });

  it("lists its commands, each with a line: flows, policies, recordings, rules, questions over all flows", async () => {
    const { stdout } = await runCli(["--help"]);
    const listed = [...(stdout.split("COMMANDS\n")[1] ?? "").matchAll(/^ {2}(\w+) {2,}\S/gm)].map(([, name]) => name);
    expect(listed).toEqual(COMMANDS);
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
      [["session", "ping", "--server-port", "many"], /^wfplab: --server-port: expected a number, found "many"\n$/],
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
