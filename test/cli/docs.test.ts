import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { env } from "node:process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { INTERPRETATION_VALUES } from "../../src/cli/interpretation-option.ts";
import { DEFAULT_INTERPRETATION, type DecisionCode } from "../../src/model/index.ts";
import { runCli } from "./run-cli.ts";

const docs = fileURLToPath(new URL("../../docs/", import.meta.url));
const pages = [...readdirSync(docs).filter((name) => name.endsWith(".md")), "../README.md"];

/** A command and the output printed under it; "# exit status 1" after the command where it is not 0. */
const EXAMPLE = /^```console\n\$ wfplab (.*?)(?: +# exit status (\d))?\n([\s\S]*?)^```$/gm;

/** The words of a shell line; double quotes hold spaces together. */
function words(line: string): string[] {
  return [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? "");
}

const pagesWithExamples = pages
  .map((page) => {
    const text = readFileSync(docs + page, "utf8");
    const examples = [...text.matchAll(EXAMPLE)].map(([block, command = "", status = "0", output = ""]) => ({
      block,
      command,
      status: Number(status),
      output,
    }));
    return { page, text, examples };
  })
  .filter(({ examples }) => examples.length > 0);

describe.each(pagesWithExamples)("docs/$page", ({ page, text, examples }) => {
  if (env.UPDATE_DOCS === "1") {
    // Writes what the commands print into the page instead of comparing.
    it("is brought up to date", async () => {
      let updated = text;
      for (const { block, command } of examples) {
        const { stdout } = await runCli(words(command));
        const [fence = "", prompt = ""] = block.split("\n");
        updated = updated.replace(block, () => `${fence}\n${prompt}\n${stdout}\`\`\``);
      }
      writeFileSync(docs + page, updated);
    });
    return;
  }

  it("shows what the commands print", async () => {
    for (const { command, status: expected, output } of examples) {
      const { stdout, status } = await runCli(words(command));
      expect([command, status, stdout]).toEqual([command, expected, output]);
    }
  });
});

describe("the reference pages", () => {
  it("have a section per decision code", () => {
    const codes: Record<DecisionCode, true> = {
      NO_MATCH_PERMIT: true,
      FILTER_PERMIT: true,
      FILTER_BLOCK: true,
      CALLOUT_PERMIT: true,
      CALLOUT_BLOCK: true,
      CALLOUT_VETO: true,
      CALLOUT_ABSORB: true,
      CALLOUT_UNREGISTERED_BLOCK: true,
      CALLOUT_UNREGISTERED_PERMIT: true,
      INDETERMINATE_CALLOUT: true,
      INDETERMINATE_FIELD: true,
      INDETERMINATE_CALLOUT_AND_FIELD: true,
    };
    const text = readFileSync(`${docs}codes.md`, "utf8");
    for (const code of Object.keys(codes)) expect(text).toContain(`## ${code}\n`);
  });

  it("list every interpretation with its default and what else it takes, and no other", () => {
    const text = readFileSync(`${docs}model.md`, "utf8").split("## Interpretation")[1] ?? "";
    const listed = [...text.matchAll(/^\| `(\w+)` \| `(.+?)` \| (.+?) \|/gm)].map(([, name, value, others = ""]) => [
      name,
      value,
      ...others.split(", ").map((other) => other.replaceAll("`", "")),
    ]);
    const taken = Object.entries(INTERPRETATION_VALUES).map(([name, values]) => [name, ...values.map(String)]);
    expect(listed.sort()).toEqual(taken.sort());
    for (const [name, value] of Object.entries(DEFAULT_INTERPRETATION))
      expect(listed).toContainEqual([name, String(value), expect.any(String)]);
  });

  it("have every record of --json in a heading", () => {
    const report = fileURLToPath(new URL("../../src/report/", import.meta.url));
    const types = readdirSync(report).flatMap((name) =>
      [...readFileSync(report + name, "utf8").matchAll(/jsonRecord\(\s*"([\w-]+)"/g)].map(([, type]) => type),
    );
    const headings = [...readFileSync(`${docs}json.md`, "utf8").matchAll(/^## (.*)$/gm)].flatMap(([, heading = ""]) => heading.split(", "));
    expect([...new Set(types)].filter((type) => !headings.includes(type ?? ""))).toEqual([]);
  });

  it("explain every command, and the README names each with a link to its page", () => {
    const commands = readdirSync(fileURLToPath(new URL("../../src/cli/commands/", import.meta.url)))
      .filter((name) => name.endsWith("-command.ts"))
      .map((name) => name.slice(0, -"-command.ts".length));
    const readme = readFileSync(`${docs}../README.md`, "utf8");
    const reference = readFileSync(`${docs}commands.md`, "utf8");
    for (const command of commands) {
      expect(readme).toMatch(new RegExp(`^\\| \\[\`${command}\\b`, "m"));
      expect(reference).toContain(`\n## ${command}\n`);
    }
  });
});
