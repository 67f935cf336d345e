import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { buildPolicy, fidelityOf } from "../../../src/engine/index.ts";
import { InputError } from "../../../src/model/index.ts";
import { readNetsh, writeNetsh } from "../../../src/sources/index.ts";
import { statePolicy } from "./arbitrary-policy.ts";

/** Reads it or refuses it: nothing but an InputError may come out. */
function readOrRefuse(text: string, strict: boolean): boolean {
  try {
    const policy = buildPolicy(readNetsh(text, { source: "fuzz", strict }));
    fidelityOf(policy);
    return true;
  } catch (error) {
    if (error instanceof InputError) return false;
    throw error;
  }
}

const samples = fc.sample(statePolicy, { numRuns: 8, seed: 7 }).map((policy) => writeNetsh(policy));
const sample = fc.constantFrom(...samples);

describe("readNetsh on damaged files", () => {
  it("refuses every cut file", () => {
    fc.assert(
      fc.property(sample, fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }), (text, part) => {
        const end = text.lastIndexOf("</wfpstate>") + "</wfpstate>".length;
        expect(readOrRefuse(text.slice(0, Math.floor(end * part)), false)).toBe(false);
      }),
      { numRuns: 300 },
    );
  });

  it("reads or refuses whatever is inserted, removed or doubled", () => {
    const scrap = fc.oneof(
      fc.constantFrom(
        "<",
        ">",
        "</item>",
        "<item>",
        "&",
        "&#0;",
        "<!--",
        "]]>",
        "\0",
        "9".repeat(60),
        "-1",
        "{",
        "<?xml?>",
        "\ud800",
        "FWP_",
      ),
      fc.string({ maxLength: 8, unit: "binary" }),
    );
    const edit = fc.record({
      at: fc.nat(),
      remove: fc.nat(40),
      insert: fc.oneof(scrap, fc.constant(""), fc.constant(null)),
    });
    fc.assert(
      fc.property(sample, fc.array(edit, { minLength: 1, maxLength: 4 }), fc.boolean(), (text, edits, strict) => {
        let damaged = text;
        for (const { at, remove, insert } of edits) {
          const start = at % (damaged.length + 1);
          const middle = insert ?? damaged.slice(start, start + 200).repeat(2);
          damaged = damaged.slice(0, start) + middle + damaged.slice(start + remove);
        }
        readOrRefuse(damaged, strict);
      }),
      { numRuns: 1500 },
    );
  });

  it("reads or refuses a file whose leaves are exchanged", () => {
    fc.assert(
      fc.property(sample, fc.array(fc.tuple(fc.nat(), fc.nat()), { minLength: 1, maxLength: 6 }), (text, swaps) => {
        const parts = text.split(/(?<=>)([^<]+)(?=<)/);
        for (const [a, b] of swaps) {
          const [i, j] = [a % parts.length, b % parts.length];
          [parts[i], parts[j]] = [parts[j] ?? "", parts[i] ?? ""];
        }
        readOrRefuse(parts.join(""), false);
      }),
      { numRuns: 500 },
    );
  });

  it("reads or refuses anything", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 200 }), (text) => void readOrRefuse(text, false)),
      { numRuns: 500 },
    );
  });
});
