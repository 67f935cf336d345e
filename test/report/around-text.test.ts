import { describe, expect, it } from "vitest";
import { flipJson, flipLines, holdsForJson, holdsForLines, unsettledJson, unsettledLines } from "../../src/report/index.ts";
import { filter, NO_MATCH, TEXT, trace } from "./records.ts";

const PORT = { field: "IP_LOCAL_PORT", text: "80, 443", trace: trace(NO_MATCH), decidedBy: filter(7, "The rule") };
const WITHOUT = { filter: filter(9, "Block all"), trace: trace(NO_MATCH), decidedBy: null };

describe("holdsForLines", () => {
  it("tells the class, or that it cannot", () => {
    const holds = { fields: [{ name: "IP_LOCAL_PORT", text: "all but 80" }], nodes: 5 };
    expect(holdsForLines(holds, TEXT)).toEqual(["Holds for local port all but 80"]);
    expect(holdsForLines({ fields: [], nodes: 5 }, TEXT)).toEqual(["Holds for whatever the rest is"]);
    expect(holdsForLines(null, TEXT)[0]).toContain("this flow only as far as is known");
    expect(holdsForJson(holds, 2)).toEqual({ v: 1, type: "holds-for", trace: 2, class: { IP_LOCAL_PORT: "all but 80" } });
    expect(holdsForJson(null, 2)).toEqual({ v: 1, type: "holds-for", trace: 2, class: null });
  });
});

describe("flipLines", () => {
  it("tells other values with an example, then filters, under one label", () => {
    const lines = flipLines([PORT], [WITHOUT], TEXT);
    expect(lines[0]).toBe("Flips     PERMIT with local port 80, 443");
    expect(lines.join(" ").replace(/\s+/g, " ")).toContain('(#7 (0x7) "The rule" at ALE_AUTH_RECV_ACCEPT_V4)');
    expect(lines.at(-1)).toBe('          PERMIT without #9 (0x9) "Block all" (nobody decides at ALE_AUTH_RECV_ACCEPT_V4)');
    expect(lines.filter((line) => line.startsWith("Flips"))).toHaveLength(1);
  });

  it("says that nothing does", () => {
    expect(flipLines([], [], TEXT)).toEqual(["Flips     no single field and no single filter changes the verdict"]);
  });

  it("claims nothing of fields that are not settled", () => {
    expect([...unsettledLines("flip", "more than 1,000 nodes would be needed", TEXT), ...flipLines(undefined, [], TEXT)]).toEqual([
      "Flips     not settled: more than 1,000 nodes would be needed (--max-nodes)",
      "          no single filter changes the verdict",
    ]);
    expect(unsettledJson("flip", 1000, 1)).toEqual({ v: 1, type: "unsettled", trace: 1, question: "flip", maxNodes: 1000 });
  });

  it("has a record per change", () => {
    const [flow, without] = flipJson([PORT], [WITHOUT], 1);
    expect(flow).toMatchObject({
      v: 1,
      type: "flip",
      trace: 1,
      change: "flow",
      field: "IP_LOCAL_PORT",
      values: "80, 443",
      after: { verdict: "permit" },
    });
    expect(without).toMatchObject({
      type: "flip",
      change: "policy",
      without: { filterId: "9", filterName: "Block all" },
      after: { verdict: "permit" },
    });
  });
});
