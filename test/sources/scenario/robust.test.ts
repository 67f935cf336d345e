import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, it } from "vitest";
import { InputError } from "../../../src/model/index.ts";
import { openScenario } from "../../../src/sources/index.ts";
import { playScenario } from "../../../src/stack/index.ts";

const texts = readdirSync("examples/scenarios")
  .filter((name) => name.endsWith(".yaml"))
  .map((name) => readFileSync(`examples/scenarios/${name}`, "utf8").split("\n"));

const WORDS = [
  "",
  "client",
  "server",
  "0",
  "-1",
  "70000",
  "[]",
  "{}",
  "$port",
  "server:80",
  "ALE_AUTH_CONNECT",
  "block",
  "[client]",
  "~",
  "'",
  "true",
];

/** A scenario with a line left out, doubled, swapped with another, or its value another word. */
const broken = fc
  .tuple(
    fc.constantFrom(...texts),
    fc.array(fc.tuple(fc.nat(200), fc.nat(200), fc.nat(3), fc.constantFrom(...WORDS)), { minLength: 1, maxLength: 3 }),
  )
  .map(([text, changes]) => {
    const lines = [...text];
    for (const [one, other, kind, word] of changes) {
      const [a, b] = [one % lines.length, other % lines.length];
      const [first = "", second = ""] = [lines[a], lines[b]];
      if (kind === 0) lines.splice(a, 1);
      else if (kind === 1) lines.splice(b, 0, first);
      else if (kind === 2) [lines[a], lines[b]] = [second, first];
      else lines[a] = first.replace(/:.*$/, `: ${word}`);
    }
    return lines.join("\n");
  });

it("a broken scenario is played or refused with its place, nothing else", { timeout: 60_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(broken, async (text) => {
      try {
        const scenario = await openScenario(text, "x.yaml");
        for (const family of scenario.families) playScenario(scenario, { family });
      } catch (error) {
        expect(error).toBeInstanceOf(InputError);
        expect((error as InputError).describe()).toMatch(/^x\.yaml[:].*$/);
      }
    }),
    { numRuns: 300 },
  );
});
