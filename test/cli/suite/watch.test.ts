import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execPath } from "node:process";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it } from "vitest";
import { runCli } from "../run-cli.ts";

const main = fileURLToPath(new URL("../../../dist/cli/main.js", import.meta.url));
const suite = (expected: string) =>
  `policy: rules.reg\ntests:\n  - { name: web, flow: in tcp 192.0.2.1 > any:8080 profile=public, expect: ${expected} }\n`;
const rules = (port: number) =>
  `Windows Registry Editor Version 5.00\n\n[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\SharedAccess\\Parameters\\FirewallPolicy\\FirewallRules]\n"web"="v2.31|Action=Allow|Active=TRUE|Dir=In|Protocol=6|LPort=${port}|Name=Web|"\n`;

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** The program as it is installed; `npm test` builds it first. */
describe.skipIf(!existsSync(main))("wfplab test --watch", () => {
  it("runs again when a suite or its policy changes, also after a mistake", async () => {
    const folder = mkdtempSync(join(tmpdir(), "wfplab-watch-"));
    folders.push(folder);
    const file = (name: string) => join(folder, name);
    writeFileSync(file("rules.reg"), rules(8080));
    writeFileSync(file("suite.yaml"), suite("permit"));
    const child = spawn(execPath, [main, "test", file("suite.yaml"), "--watch", "--junit", file("results.xml")], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    let printed = "";
    let runs = 0;
    let look = () => {};
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk) => {
        printed += String(chunk);
        runs += String(chunk).split("watching for changes").length - 1;
        look();
      });
    }
    /** Waits until a run after `change` prints `wanted` and waits again; one save may well be two runs. */
    const run = (change: () => void, wanted: RegExp): Promise<void> => {
      printed = "";
      const finished = new Promise<void>((resolve) => {
        look = () => {
          if (new RegExp(`${wanted.source}[^]*watching for changes`).test(printed)) resolve();
        };
      });
      change();
      return finished;
    };
    try {
      await run(() => {}, /1 test: 1 passed/);
      await run(() => writeFileSync(file("rules.reg"), rules(9090)), /1 test: 1 failed/);
      await run(() => writeFileSync(file("suite.yaml"), suite("perhaps")), /suite\.yaml:3:\d+: expected/);
      await run(() => writeFileSync(file("suite.yaml"), suite("block")), /1 test: 1 passed/);
      // The report lies in the watched folder: each change above is one run or two, not one after the other for ever.
      expect([child.exitCode, runs <= 9]).toEqual([null, true]);
    } finally {
      child.kill();
    }
  }, 60_000);
});

describe("wfplab test --watch", () => {
  it("does not wait for standard input", async () => {
    const { status, stderr } = await runCli(["test", "-", "--watch"], { stdin: suite("permit") });
    expect([status, stderr]).toEqual([2, expect.stringMatching(/standard input does not change/)]);
  });

  it("says which folder there is none of", async () => {
    const { status, stderr } = await runCli(["test", "nowhere/suite.yaml", "--watch"]);
    expect([status, stderr]).toEqual([2, "nowhere: cannot be watched: no such folder\n"]);
  });
});
