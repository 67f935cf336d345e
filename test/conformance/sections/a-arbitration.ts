import assert from "node:assert/strict";
import { LAYER_KEY, WfpError } from "../../../src/model/index.ts";
import { conforms } from "../check.ts";
import { block, equal, ip, Lab, permit, port, program } from "../lab.ts";
import { connect, indications } from "../run.ts";

/** Runs the section's event, a TCP connect to 10.0.0.1:80 on a client with the lab's policy, and compares verdict and outcome. */
function expectConnect(build: (lab: Lab) => bigint | undefined, verdict: "permit" | "block", code?: string): void {
  const lab = new Lab();
  const decider = build(lab);
  const { authConnect, result } = connect(lab);
  assert.equal(authConnect.decision.verdict, verdict);
  assert.equal(result, verdict === "permit" ? "ok" : "WSAEACCES");
  if (code !== undefined) assert.equal(authConnect.decision.code, code);
  if (decider !== undefined) assert.equal(authConnect.decision.filter?.filterId, decider);
}

/** Effective weights of the lab's filters, in the order in which they were added. */
function weights(lab: Lab): bigint[] {
  const added = lab.bfe.policy.filters.filter(({ layerKey }) => layerKey === LAYER_KEY.ALE_AUTH_CONNECT_V4);
  return added.map(({ effectiveWeight }) => effectiveWeight);
}

/** The 60 bits of an automatic weight; the four above them are the tier (AUTOWEIGHT.md). */
const LOW_60 = (1n << 60n) - 1n;

const soft = { action: "block", writable: true } as const;
const hard = { action: "block", writable: false } as const;
const clear = { clearActionRight: true };

conforms("A1", () => {
  const lab = new Lab();
  const { authConnect, result, records } = connect(lab);
  assert.equal(authConnect.decision.code, "NO_MATCH_PERMIT");
  assert.equal(authConnect.decision.filter, null);
  assert.equal(result, "ok");
  const allow = records.find((record) => record.type === "audit" && record.eventId === 5156 && record.host === "client");
  assert.ok(allow?.type === "audit");
  assert.equal(allow.data.FilterRTID, "0");
});
conforms("A2", () => expectConnect((lab) => lab.filter({ layer: "AC", action: block }), "block", "FILTER_BLOCK"));
conforms("A3", () =>
  expectConnect((lab) => {
    lab.filter({ layer: "AC", action: permit });
    return lab.filter({ layer: "AC", action: block, subLayer: "Bq" });
  }, "block"),
);
conforms("A4", () =>
  expectConnect((lab) => {
    lab.filter({ layer: "AC", action: block, subLayer: "Bq" });
    return lab.filter({ layer: "AC", action: permit, flags: clear });
  }, "permit"),
);
conforms("A5", () =>
  expectConnect((lab) => {
    lab.filter({ layer: "AC", action: permit, subLayer: "Bq" });
    return lab.filter({ layer: "AC", action: block });
  }, "block"),
);
conforms("A6", () =>
  expectConnect((lab) => {
    lab.filter({ layer: "AC", action: permit, subLayer: "Bq", flags: clear });
    return lab.filter({ layer: "AC", action: block });
  }, "block"),
);
conforms("A7", () => {
  const lab = new Lab();
  lab.filter({ layer: "AC", action: permit, flags: clear });
  const veto = lab.calloutFilter("TERMINATING", soft, { layer: "AC", subLayer: "Bq" });
  const { authConnect, result, records } = connect(lab);
  assert.equal(authConnect.decision.code, "CALLOUT_VETO");
  assert.equal(authConnect.decision.filter?.filterId, veto);
  assert.equal(result, "WSAEACCES");
  assert.ok(records.some((record) => record.type === "audit" && record.eventId === 5153 && record.host === "client"));
});
conforms("A8", () =>
  expectConnect((lab) => {
    lab.calloutFilter("TERMINATING", soft, { layer: "AC" });
    return lab.filter({ layer: "AC", action: permit, subLayer: "Bq" });
  }, "permit"),
);
conforms("A9", () =>
  expectConnect(
    (lab) => {
      lab.filter({ layer: "AC", action: permit, subLayer: "Bq" });
      return lab.calloutFilter("TERMINATING", hard, { layer: "AC" });
    },
    "block",
    "CALLOUT_BLOCK",
  ),
);
conforms("A10", () =>
  expectConnect((lab) => {
    lab.calloutFilter("TERMINATING", { action: "permit", writable: true }, { layer: "AC" });
    return lab.filter({ layer: "AC", action: block, subLayer: "Bq" });
  }, "block"),
);
conforms("A11", () =>
  expectConnect(
    (lab) => {
      lab.filter({ layer: "AC", action: block, subLayer: "Bq" });
      return lab.calloutFilter("TERMINATING", { action: "permit", writable: false }, { layer: "AC" });
    },
    "permit",
    "CALLOUT_PERMIT",
  ),
);
conforms("A12", () =>
  expectConnect((lab) => {
    lab.calloutFilter("UNKNOWN", { action: "continue" }, { layer: "AC", weight: 2 });
    return lab.filter({ layer: "AC", action: block, weight: 1 });
  }, "block"),
);
conforms("A13", () =>
  expectConnect(
    (lab) => {
      lab.calloutFilter("INSPECTION", soft, { layer: "AC" });
      return undefined;
    },
    "permit",
    "NO_MATCH_PERMIT",
  ),
);
conforms("A14", () =>
  expectConnect((lab) => {
    lab.filter({ layer: "AC", action: block, weight: 1 });
    return lab.filter({ layer: "AC", action: permit, weight: 2, conditions: [equal("IP_REMOTE_PORT", port(80))] });
  }, "permit"),
);
conforms("A15", () =>
  expectConnect((lab) => {
    lab.filter({ layer: "AC", action: permit });
    const decider = lab.filter({ layer: "AC", action: block, conditions: [equal("IP_REMOTE_PORT", port(80))] });
    assert.deepEqual(weights(lab), [0n, 7n << 39n]);
    return decider;
  }, "block"),
);
conforms("A16", () =>
  expectConnect((lab) => {
    lab.filter({ layer: "AC", action: block, conditions: [program] });
    const decider = lab.filter({ layer: "AC", action: permit, conditions: [equal("IP_REMOTE_ADDRESS", ip("10.0.0.1"))] });
    const [ofProgram = 0n, ofAddress = 0n] = weights(lab);
    assert.ok(ofAddress > ofProgram && ofProgram > 0n, `${ofAddress} > ${ofProgram}`);
    return decider;
  }, "permit"),
);
conforms("A17", () =>
  expectConnect((lab) => {
    lab.filter({
      layer: "AC",
      action: permit,
      conditions: [equal("IP_REMOTE_ADDRESS", { type: "FWP_V4_ADDR_MASK", address: 0x0a000000, mask: 0xff000000 })],
    });
    const decider = lab.filter({ layer: "AC", action: block, conditions: [equal("IP_REMOTE_ADDRESS", ip("10.0.0.1"))] });
    const [network = 0n, host = 0n] = weights(lab).map((weight) => weight & LOW_60);
    assert.equal(host - network, (64n - 16n) << 52n, "a host's 64<<52 against a /8's 16<<52");
    return decider;
  }, "block"),
);
conforms("A18", () =>
  expectConnect((lab) => {
    lab.filter({ layer: "AC", action: block, weight: 5n });
    const decider = lab.filter({ layer: "AC", action: permit, weight: 0, conditions: [equal("IP_REMOTE_PORT", port(80))] });
    assert.deepEqual(weights(lab), [5n, 7n << 39n]);
    return decider;
  }, "permit"),
);
const heaviest = 0xffff_ffff_ffff_ffffn;
conforms("A19", () => {
  expectConnect((lab) => {
    lab.filter({ layer: "AC", action: permit, weight: heaviest });
    return lab.filter({ layer: "AC", action: block, weight: heaviest });
  }, "block");
  // Q1 the other way.
  const lab = new Lab({ interpretation: { equalWeights: "oldest-first" } });
  lab.filter({ layer: "AC", action: permit, weight: heaviest });
  lab.filter({ layer: "AC", action: block, weight: heaviest });
  assert.equal(connect(lab).authConnect.decision.verdict, "permit");
});
conforms("A20", () =>
  expectConnect((lab) => lab.calloutFilter("TERMINATING", undefined, { layer: "AC" }), "block", "CALLOUT_UNREGISTERED_BLOCK"),
);
conforms("A21", () =>
  expectConnect(
    (lab) => lab.calloutFilter("TERMINATING", undefined, { layer: "AC", flags: { permitIfCalloutUnregistered: true } }),
    "permit",
    "CALLOUT_UNREGISTERED_PERMIT",
  ),
);
conforms("A22", () =>
  expectConnect(
    (lab) => {
      lab.calloutFilter("INSPECTION", undefined, { layer: "AC", weight: 2 });
      return lab.filter({ layer: "AC", action: block, weight: 1 });
    },
    "block",
    "FILTER_BLOCK",
  ),
);
conforms("A23", () =>
  expectConnect(
    (lab) => {
      lab.filter({ layer: "AC", action: permit, subLayer: "Bq", flags: clear });
      return lab.calloutFilter("UNKNOWN", undefined, { layer: "AC" });
    },
    "block",
    "CALLOUT_UNREGISTERED_BLOCK",
  ),
);
conforms("A24", () =>
  expectConnect((lab) => {
    lab.filter({ layer: "AC", action: permit });
    lab.calloutFilter("TERMINATING", soft, { layer: "AC", subLayer: "Bq" });
    lab.filter({ layer: "AC", action: permit, subLayer: "U" });
    return undefined;
  }, "permit"),
);
conforms("A25", () => {
  const server = new Lab();
  server.calloutFilter("TERMINATING", { action: "block", absorb: true }, { layer: "IT" });
  const { records, result } = connect(new Lab(), server);
  const atServer = indications(records, "server");
  assert.ok(atServer.some(({ layer, decision }) => layer.key === LAYER_KEY.INBOUND_TRANSPORT_V4 && decision.absorbed));
  assert.ok(!atServer.some(({ layer }) => layer.key === LAYER_KEY.INBOUND_TRANSPORT_V4_DISCARD));
  assert.ok(!atServer.some(({ layer }) => layer.key === LAYER_KEY.ALE_AUTH_RECV_ACCEPT_V4));
  const dropped = records.filter(
    (record) =>
      (record.type === "netevent" && record.host === "server") ||
      (record.type === "audit" && record.host === "server" && [5152, 5153, 5157].includes(record.eventId)),
  );
  assert.deepEqual(dropped, []);
  assert.equal(result, "WSAETIMEDOUT");
});
conforms("A26", () => {
  const add = () => new Lab().filter({ layer: "AC", action: block, weight: 16 });
  assert.throws(add, (error) => error instanceof WfpError && error.code === "FWP_E_INVALID_WEIGHT");
});
conforms("A27", () => {
  for (const [first, second] of [
    [permit, block],
    [block, permit],
  ] as const) {
    const lab = new Lab();
    const subLayers = ["S1", "S2"].map((name) => lab.session.addSubLayer({ name, weight: 0x100 }));
    const weights = subLayers.map((key) => lab.bfe.policy.subLayers.find((subLayer) => subLayer.key === key)?.weight);
    assert.deepEqual(weights, [0x100, 0xff]);
    lab.filter({ layer: "AC", action: first, ...(subLayers[0] && { subLayer: subLayers[0] }) });
    lab.filter({ layer: "AC", action: second, ...(subLayers[1] && { subLayer: subLayers[1] }) });
    const { authConnect } = connect(lab);
    assert.equal(authConnect.decision.verdict, "block");
    // In this order, and the later one has its say either way.
    const asked = authConnect.subLayers.filter(({ subLayerName }) => ["S1", "S2"].includes(subLayerName));
    assert.deepEqual(
      asked.map(({ subLayerName, action }) => `${subLayerName} ${action}`),
      [`S1 ${first === permit ? "permit" : "block"}`, `S2 ${second === permit ? "permit" : "block"}`],
    );
  }
});
