import { describe, expect, it } from "vitest";
import { CASES } from "./cases.ts";
import { checkOf, missingFor } from "./check.ts";
import { PENDING } from "./pending.ts";
import "./checks.ts";

describe("conformance cases", () => {
  for (const { id, text } of CASES) {
    const check = checkOf(id);
    if (check !== undefined) it.skipIf(missingFor(id) !== undefined)(`${id} ${text}`, check);
  }

  it("has a check for every case that is not listed as pending", () => {
    expect(CASES.filter(({ id }) => checkOf(id) === undefined).map(({ id }) => id)).toEqual([...PENDING]);
  });

  it("holds the 152 cases of the specification, each once", () => {
    expect(new Set(CASES.map(({ id }) => id)).size).toBe(152);
  });
});
