import { describe, expect, it } from "vitest";
import type { CaptureCheck, CaptureFlowCheck } from "../../src/model/index.ts";
import {
  captureFlowJson,
  captureMatchJson,
  captureSummaryJson,
  PLAIN_STYLE,
  verifyCaptureMarkdown,
  verifyCaptureText,
} from "../../src/report/index.ts";

const FLOW: CaptureFlowCheck = {
  type: "capture-flow",
  host: "server",
  flow: "in tcp 192.0.2.1:50000 > 192.0.2.2:445",
  protocol: 6,
  layerId: 44,
  layer: "ALE_AUTH_RECV_ACCEPT_V4",
  action: "block",
  filterIds: [70_001n],
  recorded: [100.25, 101.25],
  packets: [
    { frame: 1, time: 100 },
    { frame: 2, time: 101 },
  ],
  packetKind: "SYN",
  modelled: [100, 101],
  answers: { captured: [], modelled: [] },
  farthest: 0.25,
  result: "agrees",
  notes: [],
};
const WRONG: CaptureFlowCheck = {
  ...FLOW,
  modelled: [100],
  farthest: null,
  result: "differs",
  notes: ["2 events recorded, the model writes 1"],
};
const PERMIT: CaptureFlowCheck = { ...FLOW, action: "permit", recorded: [100], packets: [{ frame: 1, time: 100 }], modelled: [100] };

const CHECK: CaptureCheck = {
  capture: "a.pcapng",
  packets: 1234,
  copies: 2,
  firstTime: 100,
  lastTime: 190.5,
  clock: { zone: 5.5 * 3600, skew: -0.4, spread: 0.2, votes: 3, voters: 4 },
  matches: [
    { verdict: 0, frame: 1, apart: 0.25, firstFrame: 1, packets: 2, reason: null },
    { verdict: 1, frame: null, apart: null, firstFrame: null, packets: 0, reason: "not-captured" },
  ],
  flows: [PERMIT, FLOW, WRONG],
  matched: 1,
  unmatched: new Map([["not-captured", 1]]),
  byLayer: new Map([["44 ALE_AUTH_RECV_ACCEPT_V4 block", { agrees: 1, differs: 1, notCompared: 0 }]]),
  tally: { agrees: 2, differs: 1, notCompared: 0 },
};

const text = (check: CaptureCheck, verbose = 0, remarks: readonly string[] = []) =>
  verifyCaptureText(check, { style: PLAIN_STYLE, verbose, width: 120, remarks });

describe("the report of a capture beside recorded verdicts", () => {
  it("as text: clocks, verdicts, layers, then what differs before what is blocked", () => {
    expect(text(CHECK, 0, ["the capture is damaged at byte 9"])).toBe(`
Capture  a.pcapng: 1,234 packets in 90.5 s, 2 of them recorded twice
  note: the capture is damaged at byte 9
  Clocks: the log's is 5 h 30 min behind the capture's, -0.4 s beyond that (3 of 4 events agree).

  Verdicts
    1  with their packet
    1  without a packet in the capture

  Flows, as recorded and as the model's host logs them when it gets the same packets
    layer                             agree  differ  not compared
    44 ALE_AUTH_RECV_ACCEPT_V4 block      1       1             0

  differs  server: in tcp 192.0.2.1:50000 > 192.0.2.2:445  block at 44 ALE_AUTH_RECV_ACCEPT_V4 by #70001
    2 events, 2 SYNs in the capture, 1 event by the model; no answer
    2 events recorded, the model writes 1
  agrees  server: in tcp 192.0.2.1:50000 > 192.0.2.2:445  block at 44 ALE_AUTH_RECV_ACCEPT_V4 by #70001
    2 events, 2 SYNs in the capture, 2 events by the model, at most 0.3 s apart; no answer

  3 flows compared: 1 flow differs.
`);
    expect(text(CHECK, 1)).toContain("permit at 44 ALE_AUTH_RECV_ACCEPT_V4");
  });

  it("says what clocks do: ahead, drifting, the same; and when nothing fits", () => {
    const clock = (of: Partial<NonNullable<CaptureCheck["clock"]>>) => {
      const base = { zone: 0, skew: 0.5, spread: 0, votes: 1, voters: 1 };
      return /Clocks: (.*)\n/.exec(text({ ...CHECK, clock: { ...base, ...of } }))?.[1];
    };
    expect(clock({})).toBe("the log and the capture show the same hour, +0.5 s beyond that (1 of 1 event agree).");
    expect(clock({ zone: -7200, spread: 21 })).toContain(
      "the log's is 2 h ahead of the capture's, +0.5 s beyond that, drifting by ±21.0 s",
    );
    expect(text({ ...CHECK, clock: null, flows: [] })).toContain("No verdict has a packet in it");
    expect(text({ ...CHECK, flows: [], tally: { agrees: 0, differs: 0, notCompared: 3 } })).toContain("No flow could be compared.");
  });

  it("does not list without end", () => {
    expect(text({ ...CHECK, flows: Array.from({ length: 35 }, () => FLOW) })).toContain("  and 5 more; --json lists all");
  });

  it("as JSON: a record a verdict, a flow, and the capture; 64-bit numbers are texts", () => {
    const plain = (record: unknown) => JSON.parse(JSON.stringify(record)) as unknown;
    expect(plain(captureMatchJson(CHECK.matches[0] ?? (undefined as never)))).toMatchObject({
      v: 1,
      type: "capture-match",
      verdict: 0,
      frame: 1,
      apart: 0.25,
    });
    expect(plain(captureFlowJson(FLOW))).toMatchObject({
      v: 1,
      type: "capture-flow",
      layer: "FWPM_LAYER_ALE_AUTH_RECV_ACCEPT_V4",
      layerId: 44,
      filterIds: ["70001"],
      recorded: [100.25, 101.25],
      result: "agrees",
    });
    const summary = plain(captureSummaryJson(CHECK));
    expect(summary).toMatchObject({ type: "capture-summary", unmatched: { "not-captured": 1 }, tally: { agrees: 2, differs: 1 } });
    expect(summary).not.toHaveProperty("flows");
  });

  it("as Markdown: a table of layers, and what differs", () => {
    const markdown = verifyCaptureMarkdown(CHECK, ["cut after packet *7*"]);
    expect(markdown).toContain("- cut after packet \\*7\\*\n");
    expect(markdown).toContain("| 44 ALE_AUTH_RECV_ACCEPT_V4 block | 1 | 1 | 0 |");
    expect(markdown).toContain("| `in tcp 192.0.2.1:50000 > 192.0.2.2:445` | 44 ALE_AUTH_RECV_ACCEPT_V4 block |");
    expect(markdown.match(/the model writes 1/g)).toHaveLength(1);
    expect(verifyCaptureMarkdown({ ...CHECK, clock: null }, [])).toContain("no verdict has a packet in it");
  });
});
