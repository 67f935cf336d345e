import { describe, expect, it } from "vitest";
import { sessionJson, sessionSummaryJson } from "../../src/report/index.ts";
import { BLOCKED, indication, NO_MATCH, UNDECIDED } from "./records.ts";

describe("sessionJson", () => {
  it("has the shape of an indication that commands share", () => {
    expect(sessionJson(indication(BLOCKED, { flags: ["REQUIRES_ALE_CLASSIFY"] }))).toEqual({
      v: 1,
      type: "indication",
      seq: 7,
      time: 0.0312,
      host: "server",
      event: "SYN",
      direction: "inbound",
      layer: "FWPM_LAYER_ALE_AUTH_RECV_ACCEPT_V4",
      layerId: 44,
      flow: { protocol: 6, local: "10.0.0.5:445", remote: "203.0.113.9:51000" },
      flags: ["REQUIRES_ALE_CLASSIFY"],
      reauthorize: false,
      verdict: "block",
      filterId: "71234",
      filterKey: "{00000000-0000-4000-8000-000000071234}",
      filterName: "Block SMB - Public",
      code: "FILTER_BLOCK",
      sublayers: [
        {
          subLayer: "FWPM_SUBLAYER_MPSSVC_WF",
          subLayerKey: "{b3cdd441-af90-41ba-a745-7c6008ff2301}",
          weight: 2,
          filterId: "71234",
          action: "block",
          rights: "hard",
          before: { action: "none", rights: "soft" },
          after: { action: "block", rights: "hard" },
        },
      ],
      dependsOn: [],
    });
  });

  it("has null for the filter where none matched", () => {
    expect(sessionJson(indication(NO_MATCH))).toMatchObject({
      verdict: "permit",
      code: "NO_MATCH_PERMIT",
      filterId: null,
      filterKey: null,
      filterName: null,
      sublayers: [],
    });
  });

  it("lists what an indeterminate verdict depends on, and its ends", () => {
    expect(sessionJson(indication(UNDECIDED, { assumed: "permit" }))).toMatchObject({
      verdict: "indeterminate",
      assumed: "permit",
      dependsOn: [
        { kind: "field", field: "CURRENT_PROFILE_ID" },
        { kind: "callout", calloutName: "Example inspection", filterId: "555" },
      ],
      alternatives: [
        { verdict: "permit", code: "FILTER_PERMIT", filterId: "70990" },
        { verdict: "block", code: "FILTER_BLOCK", filterId: "71234" },
      ],
    });
  });

  it("gives the values by field name on demand, empty ones as null", () => {
    const of = indication(NO_MATCH);
    const values = of.layer.fields.map((field) =>
      field.name === "IP_REMOTE_PORT" ? { type: "FWP_EMPTY" as const } : (of.values[field.index] ?? of.values[0]),
    );
    const record = sessionJson({ ...of, values: values.filter((value) => value !== undefined) }, { fields: true });
    expect(record.fields).toEqual({ IP_PROTOCOL: "6 (tcp)", IP_REMOTE_PORT: null });
  });

  it("prints events under their own field names, ids as text", () => {
    expect(
      sessionJson({
        type: "audit",
        seq: 1,
        time: 0.1 + 0.2,
        host: "server",
        eventId: 5157,
        data: { FilterRTID: "71234", LayerRTID: "44" },
      }),
    ).toEqual({ v: 1, type: "audit", seq: 1, time: 0.3, host: "server", eventId: 5157, FilterRTID: "71234", LayerRTID: "44" });
    const netEvent = sessionJson({
      type: "netevent",
      seq: 2,
      time: 0,
      host: "server",
      eventType: "FWPM_NET_EVENT_TYPE_CLASSIFY_DROP",
      header: {
        flags: ["IP_PROTOCOL_SET"],
        ipVersion: 4,
        ipProtocol: 6,
        localAddress: null,
        remoteAddress: null,
        localPort: null,
        remotePort: null,
        scopeId: 0,
        userId: null,
      },
      filterId: 71234n,
      layerId: 44,
      direction: "MS_FWP_DIRECTION_IN",
      reauthReason: 0,
      originalProfile: 1,
      currentProfile: 1,
      isLoopback: false,
      flow: { protocol: 6, local: "10.0.0.5:445", remote: "203.0.113.9:51000" },
      appId: "System",
      terminatingFilters: [{ filterId: 71234n, subLayer: "FWPP_SUBLAYER_INTERNAL_FIREWALL_WF", action: "block" }],
      filterOrigin: "Stealth",
    });
    expect(netEvent).toMatchObject({
      filterId: "71234",
      msFwpDirection: "MS_FWP_DIRECTION_IN",
      terminatingFilters: [{ filterId: "71234" }],
    });
  });

  it("survives JSON.stringify: no bigint is left anywhere", () => {
    for (const decision of [BLOCKED, NO_MATCH, UNDECIDED]) {
      expect(() => JSON.stringify(sessionJson(indication(decision), { fields: true }))).not.toThrow();
    }
  });
});

describe("sessionSummaryJson", () => {
  it("counts verdicts and outcomes", () => {
    const outcome = { type: "outcome", seq: 9, time: 21, host: "client", operation: "connect" } as const;
    const records = [indication(BLOCKED), indication(NO_MATCH), indication(UNDECIDED), { ...outcome, result: "WSAETIMEDOUT" }];
    expect(sessionSummaryJson("tcp-connect", records)).toEqual({
      v: 1,
      type: "summary",
      scenario: "tcp-connect",
      indications: 3,
      permit: 1,
      block: 1,
      indeterminate: 1,
      outcomes: 1,
      failed: 1,
      duration: 21,
    });
  });
});
