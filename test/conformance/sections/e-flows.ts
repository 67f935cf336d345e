import assert from "node:assert/strict";
import { CALLOUT_KEY, LAYER_KEY, parseAddress, REAUTHORIZE_REASON, WfpError } from "../../../src/model/index.ts";
import { ethernet } from "../../../src/stack/index.ts";
import { conforms } from "../check.ts";
import { block, equal, Lab } from "../lab.ts";
import { CLIENT, indications, Pair, privateNetwork, SERVER, sequence, text } from "../run.ts";

/** Value of a UINT32 field of an indication. */
function uint32Of(record: ReturnType<typeof indications>[number] | undefined, name: string): number | undefined {
  const index = record?.layer.fields.find((field) => field.name === name)?.index;
  const value = index === undefined ? undefined : record?.values[index];
  return typeof value === "object" && value.type === "FWP_UINT32" ? value.value : undefined;
}

conforms("E9", () => {
  const pair = new Pair(new Lab(), new Lab(), [
    ethernet({ index: 12, profile: "private", addresses: ["10.0.0.1/24"], weakHostReceive: true }),
    ethernet({ index: 13, profile: "private", addresses: ["10.8.0.1/24"], link: "second", weakHostReceive: true }),
  ]);
  const server = pair.udpServer();
  const client = pair.udpClient();
  client.sendTo(text("first"), SERVER, 53);
  pair.simulation.run(1);
  // The same packet comes in by the other interface, as if the client had moved.
  const bytes: Uint8Array[] = [];
  pair.simulation.network.tap((transit) => bytes.push(transit.bytes));
  client.sendTo(text("second"), SERVER, 53);
  pair.simulation.run(1);
  const [packet] = bytes;
  const other = pair.server.interfaces.find(({ index }) => index === 13);
  assert.ok(packet !== undefined && other !== undefined);
  const before = pair.mark();
  pair.server.receive(other, packet);
  const seen = pair.records.slice(before);
  // IPFORWARD with the pass-through flag comes first (WFP-SHIMS 4.2); the case lists what follows.
  const [passThrough] = indications(seen, "server");
  assert.deepEqual(passThrough?.flags, ["IS_INBOUND_PASS_THRU"]);
  assert.deepEqual(sequence(seen, "server"), ["FW", "II", "IT", "RX(REAUTH)", "DG"]);
  const reauthorized = indications(seen, "server")[3];
  assert.equal(uint32Of(reauthorized, "REAUTHORIZE_REASON"), REAUTHORIZE_REASON.NEW_ARRIVAL_INTERFACE);
  // "Per policy": what only blocks the other interface lets the first one's packets pass, and blocks those.
  const second = reauthorized?.values[reauthorized.layer.fields.findIndex(({ name }) => name === "IP_ARRIVAL_INTERFACE")];
  assert.ok(typeof second === "object" && second.type === "FWP_UINT64");
  pair.serverLab.filter({ layer: "RX", action: block, conditions: [equal("IP_ARRIVAL_INTERFACE", second)] });
  const again = pair.mark();
  pair.server.receive(other, packet);
  assert.deepEqual(sequence(pair.records.slice(again), "server"), ["FW", "II", "IT", "RX(REAUTH)✗", "RXd"]);
  assert.equal(server.endpoint.localPort, 53);
});

/** A client whose AUTH_CONNECT a callout pends; `decide` is what the callout answers once asked again. */
function pendedConnect(decide: "permit" | "block") {
  const lab = new Lab();
  let complete: (() => void) | undefined;
  const reasons: (number | undefined)[] = [];
  const calloutKey = lab.callout("AC", {
    classify({ stack, layer, values }, out) {
      const index = layer.fields.find(({ name }) => name === "REAUTHORIZE_REASON")?.index ?? -1;
      const reason = values[index];
      reasons.push(typeof reason === "object" && reason.type === "FWP_UINT32" ? reason.value : undefined);
      if (complete === undefined) {
        complete = stack?.pend?.();
        out.action = "block";
        out.absorb = true;
      } else out.action = decide;
    },
  });
  lab.filter({ layer: "AC", action: { type: "FWP_ACTION_CALLOUT_UNKNOWN", calloutKey } });
  const pair = new Pair(lab);
  pair.listen();
  const socket = pair.client.socket({ family: 4, process: pair.clientProcess });
  socket.bind(null, 0);
  const before = pair.mark();
  const connecting = socket.connect(SERVER, 80);
  pair.simulation.run(5);
  assert.equal(connecting.done, false);
  assert.deepEqual(sequence(pair.records.slice(before), "client"), ["CR", "AC✗"]);
  const completed = pair.mark();
  complete?.();
  pair.simulation.runUntil(() => connecting.done, 30);
  return { result: connecting.result, layers: sequence(pair.records.slice(completed), "client"), reasons };
}

conforms("E10", () => {
  const { result, layers, reasons } = pendedConnect("permit");
  assert.equal(result, "ok");
  assert.deepEqual(layers.slice(0, 3), ["AC(REAUTH)", "OT", "OI"]);
  assert.deepEqual(reasons, [0, REAUTHORIZE_REASON.CLASSIFY_COMPLETION]);
});

conforms("E11", () => {
  const { result, layers } = pendedConnect("block");
  assert.equal(result, "WSAEACCES");
  assert.deepEqual(layers, ["AC(REAUTH)✗", "ACd"]);
});

conforms("E12", () => {
  const serverLab = new Lab();
  const pair = new Pair(new Lab(), serverLab);
  const server = pair.udpServer();
  const client = pair.udpClient();
  client.sendTo(text("first"), SERVER, 53);
  pair.simulation.run(1);
  let refused: unknown;
  const calloutKey = serverLab.callout("RX", {
    classify({ stack }, out) {
      try {
        stack?.pend?.();
      } catch (error) {
        refused = error;
      }
      out.action = "permit";
    },
  });
  serverLab.filter({ layer: "RX", action: { type: "FWP_ACTION_CALLOUT_UNKNOWN", calloutKey } });
  const seen = pair.during(() => client.sendTo(text("second"), SERVER, 53));
  assert.deepEqual(seen.server, ["II", "IT", "RX(REAUTH)", "DG"]);
  assert.ok(refused instanceof WfpError && refused.code === "STATUS_FWP_CANNOT_PEND");
  assert.equal(server.endpoint.localPort, 53);
});

conforms("E13", () => {
  const lab = new Lab();
  let reinject: (() => void) | undefined;
  const calloutKey = lab.callout("RX", {
    classify({ stack }, out) {
      if (reinject === undefined) {
        const complete = stack?.pend?.();
        const clone = stack?.reinject;
        reinject = () => {
          complete?.();
          clone?.();
        };
        out.action = "block";
        out.absorb = true;
      } else out.action = "permit";
    },
  });
  lab.filter({ layer: "RX", action: { type: "FWP_ACTION_CALLOUT_UNKNOWN", calloutKey } });
  const pair = new Pair(new Lab(), lab);
  const accepting = pair.listen().accept();
  const socket = pair.client.socket({ family: 4, process: pair.clientProcess });
  socket.bind(null, 0);
  const before = pair.mark();
  const connecting = socket.connect(SERVER, 80);
  pair.simulation.run(0.5);
  assert.deepEqual(sequence(pair.records.slice(before), "server"), ["II", "IT", "RX✗"]);
  const injected = pair.mark();
  reinject?.();
  pair.simulation.runUntil(() => accepting.done, 10);
  assert.deepEqual(sequence(pair.records.slice(injected), "server").slice(0, 4), ["IT", "RX", "OT", "OI"]);
  assert.equal(connecting.result, "ok");
});

/** A client lab whose AUTH_CONNECT sets classify options. */
function withOption(type: string, value: bigint): Lab {
  const lab = new Lab();
  const providerContextKey = "{0c0c0c0c-0000-4000-8000-000000000001}";
  lab.session.addProviderContext({
    key: providerContextKey,
    name: "options",
    type: "FWPM_CLASSIFY_OPTIONS_CONTEXT",
    body: { kind: "classify-options", options: [{ type: `FWP_CLASSIFY_OPTION_${type}`, value }] },
  });
  const calloutKey = CALLOUT_KEY.SET_OPTIONS_AUTH_CONNECT_LAYER_V4;
  if (!lab.bfe.policy.callouts.some(({ key }) => key === calloutKey)) {
    lab.session.addCallout({
      key: calloutKey,
      name: "set options",
      applicableLayer: LAYER_KEY.ALE_AUTH_CONNECT_V4,
      usesProviderContext: true,
    });
  }
  lab.filter({ layer: "AC", action: { type: "FWP_ACTION_CALLOUT_INSPECTION", calloutKey }, providerContextKey });
  return lab;
}

conforms("E14", () => {
  const gap = (lab: Lab): string[] => {
    const pair = new Pair(lab);
    pair.udpServer();
    const client = pair.udpClient();
    client.sendTo(text("first"), SERVER, 53);
    pair.simulation.run(80);
    return pair.during(() => client.sendTo(text("second"), SERVER, 53)).client;
  };
  assert.deepEqual(gap(withOption("UNICAST_LIFETIME", 90n)), ["DG", "OT", "OI"]);
  // Without the option 60 seconds are over.
  assert.deepEqual(gap(new Lab()), ["CR", "AC", "FE", "DG", "OT", "OI"]);
});

/** What the client indicates when somebody it did not write to answers. */
function strangersAnswer(lab: Lab, wroteTo: string): string[] {
  const pair = new Pair(lab);
  const client = pair.udpClient();
  client.sendTo(text("who is there?"), parseAddress(wroteTo), 5000);
  pair.simulation.run(1);
  const other = pair.addHost("other", new Lab(), [privateNetwork(12, "10.0.0.3/24")]);
  const stranger = other.udpSocket({ family: 4, process: pair.serverProcess });
  return pair.during(() => stranger.sendTo(text("me"), CLIENT, client.endpoint.localPort)).client;
}

conforms("E15", () => {
  assert.deepEqual(strangersAnswer(withOption("MULTICAST_STATE", 1n), "239.1.2.3"), ["II", "IT", "RX", "FE", "DG"]);
  assert.deepEqual(strangersAnswer(new Lab(), "239.1.2.3"), ["II", "IT", "DG"]);
});

conforms("E16", () => {
  assert.deepEqual(strangersAnswer(withOption("LOOSE_SOURCE_MAPPING", 1n), "10.0.0.1"), ["II", "IT", "DG"]);
  assert.deepEqual(strangersAnswer(new Lab(), "10.0.0.1").slice(0, 3), ["II", "IT", "RX"]);
});
