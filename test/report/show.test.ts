import { describe, expect, it } from "vitest";
import { LAYER_KEY } from "../../src/model/index.ts";
import {
  calloutsText,
  filterJson,
  filtersText,
  filterText,
  layersText,
  layerText,
  overviewText,
  PolicyView,
  providersText,
  sessionsText,
  showSummaryJson,
  subLayersText,
  weightsJson,
  weightsText,
} from "../../src/report/index.ts";
import { ALLOW_SMB, BLOCK_SMB, FIDELITY, filter, layer, policy, TEXT } from "./records.ts";

const CALLOUT_KEY = "{11111111-2222-4333-8444-555555555555}";

function view(members: Parameters<typeof policy>[0] = {}): PolicyView {
  return new PolicyView(policy(members), FIDELITY, () => false);
}

describe("show", () => {
  it("lists filters in the order of evaluation, whatever the order of the file", () => {
    const text = filtersText(view(), view().filters, TEXT);
    expect(text).toBe(`\
ALE_AUTH_RECV_ACCEPT_V4  MPSSVC_WF 0x0002
    #71234 (0x11642)  block   0xa006000000000000  "Block SMB - Public"
      protocol = 6 (tcp); local port = 445
    #70990 (0x1154e)  permit  0x9006000000000000  "File and Printer Sharing (SMB-In)"
      protocol = 6 (tcp); local port = 445; profile = private
`);
  });

  it("puts the newer of two equal filters first", () => {
    const filters = [filter(1, "old"), filter(2, "new")];
    expect(view({ filters }).filters.map(({ name }) => name)).toEqual(["new", "old"]);
  });

  it("tells where in its sublayer a filter stands", () => {
    const text = filterText(view(), ALLOW_SMB, TEXT);
    expect(text).toContain("#70990 (0x1154e)  {00000000-0000-4000-8000-000000070990}");
    expect(text).toContain("action      permit, soft: lower sublayers may block");
    expect(text).toContain("evaluated as number 2 of 2 filters of its sublayer at this layer");
  });

  it("names well-known objects instead of their GUIDs", () => {
    expect(subLayersText(view(), TEXT)).toContain("MPSSVC_WF");
    expect(subLayersText(view(), TEXT)).toMatch(/^0xFFFF\? +Example VPN/m);
    expect(providersText(view(), TEXT)).toContain("MPSSVC_WF (Microsoft Corporation)");
    expect(layersText(view(), TEXT)).toContain("discards to ALE_AUTH_RECV_ACCEPT_V4_DISCARD");
  });

  it("says who stands behind a callout", () => {
    const callout = {
      key: CALLOUT_KEY,
      name: "Example inspection",
      description: "",
      flags: 0,
      providerKey: null,
      providerData: null,
      applicableLayer: LAYER_KEY.STREAM_V4,
      calloutId: 260,
      registered: false,
    } as const;
    expect(calloutsText(view({ callouts: [callout] }), TEXT)).toMatch(/260 +Example inspection +0 +not registered +STREAM_V4/);
    expect(calloutsText(view({ callouts: [{ ...callout, registered: true }] }), TEXT)).toContain("code not known");
    const user = filter(9, "asks", { action: { type: "FWP_ACTION_CALLOUT_UNKNOWN", calloutKey: CALLOUT_KEY } });
    expect(filterText(view({ callouts: [callout], filters: [user] }), user, TEXT)).toContain(
      "callout Example inspection (unknown, not registered)",
    );
  });

  it("shows a layer with its fields and filters", () => {
    const text = layerText(view(), layer("ALE_AUTH_RECV_ACCEPT_V4"), TEXT);
    expect(text).toContain("FWPM_LAYER_ALE_AUTH_RECV_ACCEPT_V4 (layer 44, kernel mode)");
    expect(text).toMatch(/IP_REMOTE_ADDRESS +FWP_UINT32 +IP_ADDRESS/);
    expect(text).toContain("Block SMB");
  });

  it("gives an overview with what the reader did not understand", () => {
    const text = overviewText(
      view({ diagnostics: [{ severity: "warning", code: "unknown-element", message: 'unknown element "x"', line: 12, count: 3 }] }),
      TEXT,
    );
    expect(text).toContain('Remarks   warning: line 12: unknown element "x" (3 times)');
    expect(text).toMatch(/44 +ALE_AUTH_RECV_ACCEPT_V4 +2 +1 +1 +0 +MPSSVC_WF/);
  });

  it("says none of what there is none", () => {
    expect(sessionsText(view(), TEXT)).toBe("none\n");
  });

  it("has a filter as JSON with its names, weight and conditions", () => {
    expect(filterJson(view(), BLOCK_SMB)).toMatchObject({
      v: 1,
      type: "filter",
      filterId: "71234",
      layer: "FWPM_LAYER_ALE_AUTH_RECV_ACCEPT_V4",
      subLayer: "FWPM_SUBLAYER_MPSSVC_WF",
      provider: "FWPM_PROVIDER_MPSSVC_WF",
      effectiveWeight: String(BLOCK_SMB.effectiveWeight),
      weight: { type: "FWP_UINT8", value: "10" },
      conditions: [
        { field: "IP_PROTOCOL", matchType: "FWP_MATCH_EQUAL", type: "FWP_UINT8", value: "6 (tcp)" },
        { field: "IP_LOCAL_PORT", matchType: "FWP_MATCH_EQUAL", type: "FWP_UINT16", value: "445" },
      ],
      line: 4711,
    });
    expect(showSummaryJson(view())).toMatchObject({ type: "summary", filters: 2, sublayers: 2, schemaFamily: "C" });
  });
});

describe("weights", () => {
  const report = {
    filters: 2,
    exact: 1,
    unverified: 0,
    wrong: 1,
    details: [
      { filter: BLOCK_SMB, expected: BLOCK_SMB.effectiveWeight, verified: true, exact: true },
      { filter: ALLOW_SMB, expected: 1n, verified: true, exact: false },
    ],
  };

  it("counts, and lists what differs", () => {
    const text = weightsText(view(), report, TEXT);
    expect(text).toContain("2 effective weights: 1 exact, 0 unverified, 1 wrong");
    expect(text).toContain('0x9006000000000000  0x0000000000000001  wrong  #70990 (0x1154e) "File and Printer Sharing (SMB-In)"');
    expect(text).not.toContain("Block SMB");
  });

  it("is one JSON record", () => {
    expect(weightsJson(report)).toMatchObject({
      autoWeights: { filters: 2, exact: 1, unverified: 0, wrong: 1 },
      differing: [{ filterId: "70990", recomputed: "1" }],
    });
  });
});
