import { spawn, spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execPath } from "node:process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const main = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));

/** The program as it is installed; `npm test` builds it first. */
describe.skipIf(!existsSync(main))("the wfplab program", () => {
  it("hands its status on", () => {
    expect(spawnSync(execPath, [main, "--version"], { encoding: "utf8" }).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    const wrong = spawnSync(execPath, [main, "show", "missing.xml"], { encoding: "utf8" });
    expect([wrong.status, wrong.stdout, wrong.stderr]).toEqual([2, "", "missing.xml: no such file\n"]);
  });

  it("ends quietly when the reader closes the pipe", async () => {
    const child = spawn(execPath, [main, "show", "--filters", "--layers", "--callouts", "--json"], { stdio: ["ignore", "pipe", "pipe"] });
    let errors = "";
    child.stderr.on("data", (chunk) => {
      errors += String(chunk);
    });
    child.stdout.destroy();
    const status = await new Promise((resolve) => child.on("close", resolve));
    expect([status, errors]).toEqual([0, ""]);
  });

  it.each([[], ["--local", "10.0.0.5"]])("does not overwrite the capture that it reads (%j)", (...local) => {
    const folder = mkdtempSync(join(tmpdir(), "wfplab-"));
    try {
      const capture = join(folder, "a.pcapng");
      copyFileSync(fileURLToPath(new URL("../../examples/captures/server.pcapng", import.meta.url)), capture);
      const { status, stderr } = spawnSync(execPath, [main, "replay", capture, ...local, "--write", capture], { encoding: "utf8" });
      expect([status, stderr]).toEqual([2, `${capture}: is an input of this command, so it is not written; choose another name\n`]);
      expect(statSync(capture).size).toBeGreaterThan(1000);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("reads a policy from stdin", () => {
    const { status, stderr } = spawnSync(execPath, [main, "show", "-"], { input: "<wfpstate>", encoding: "utf8" });
    expect(status).toBe(2);
    expect(stderr).toMatch(/^stdin:1: .*\n$/);
  });
});
