import { describe, expect, it } from "vitest";
import { traceJson, traceSummaryJson } from "../../src/report/index.ts";
import { BLOCKED, trace, UNDECIDED } from "./records.ts";

const OPTIONS = { seq: 1, number: 1, verbose: 0 };

describe("traceJson", () => {
  it("is an indication per layer reached, then the verdict", () => {
    const records = traceJson(trace(BLOCKED), OPTIONS);
    expect(records.map(({ type, seq, layer }) => [type, seq, layer])).toEqual([
      ["indication", 1, "FWPM_LAYER_INBOUND_TRANSPORT_V4"],
      ["indication", 2, "FWPM_LAYER_ALE_AUTH_RECV_ACCEPT_V4"],
      ["verdict", 3, "FWPM_LAYER_ALE_AUTH_RECV_ACCEPT_V4"],
    ]);
    expect(records[1]).toMatchObject({
      flow: { protocol: 6, local: "10.0.0.5:445", remote: "203.0.113.9:51000" },
      verdict: "block",
      filterId: "71234",
      nearMisses: [
        {
          filterId: "70990",
          action: "FWP_ACTION_PERMIT",
          field: "CURRENT_PROFILE_ID",
          expected: [{ matchType: "FWP_MATCH_EQUAL", value: "private" }],
          actual: "public",
        },
      ],
    });
    expect(records[2]).toMatchObject({
      verdict: "block",
      code: "FILTER_BLOCK",
      filterId: "71234",
      filterIdHex: "0x11642",
      filterOrigin: "Block SMB rule",
      observed: { application: "nothing: the listener never learns of it" },
      assumptions: ["a listener exists on port 445"],
    });
  });

  it("adds values with -v and the truth of every filter with -vv", () => {
    expect(traceJson(trace(BLOCKED), { ...OPTIONS, verbose: 1 })[1]).toMatchObject({
      fields: { IP_PROTOCOL: "6 (tcp)", IP_LOCAL_PORT: "445" },
      filters: 2,
    });
    expect(traceJson(trace(BLOCKED), { ...OPTIONS, verbose: 2 })[1]).toMatchObject({
      filters: [
        { filterId: "71234", truth: "true", consulted: true },
        { filterId: "70990", truth: "false", consulted: true },
      ],
    });
  });

  it("lists dependencies and alternatives with the verdict", () => {
    expect(traceJson(trace(UNDECIDED), OPTIONS).at(-1)).toMatchObject({
      verdict: "indeterminate",
      filterId: null,
      dependsOn: [{ kind: "field" }, { kind: "callout" }],
      alternatives: [{ verdict: "permit" }, { verdict: "block" }],
    });
  });
});

describe("traceSummaryJson", () => {
  it("counts flows by verdict", () => {
    expect(traceSummaryJson({ permit: 1, block: 2, indeterminate: 0 }, { policy: "p" })).toEqual({
      v: 1,
      type: "summary",
      flows: 3,
      permit: 1,
      block: 2,
      indeterminate: 0,
      policy: "p",
    });
  });
});
