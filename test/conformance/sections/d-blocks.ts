import assert from "node:assert/strict";
import { CALLOUT_KEY, CONDITION_FLAG, parseAddress, type SessionRecord } from "../../../src/model/index.ts";
import { conforms } from "../check.ts";
import { block, condition, Lab, number32 } from "../lab.ts";
import { indications, Pair, sequence } from "../run.ts";

const blocking = (layer: string): Lab => {
  const lab = new Lab();
  lab.filter({ layer, action: block });
  return lab;
};

const audits = (records: readonly SessionRecord[], host: string): number[] =>
  records.flatMap((record) => (record.type === "audit" && record.host === host ? [record.eventId] : []));

conforms("D1", () => {
  const pair = new Pair(new Lab(), blocking("RA"));
  const socket = pair.server.socket({ family: 4, process: pair.serverProcess });
  assert.equal(socket.bind(null, 80), "WSAEACCES");
  assert.deepEqual(sequence(pair.records, "server"), ["BR", "RA✗", "RAd"]);
  assert.deepEqual(audits(pair.records, "server"), [5159]);
});

conforms("D2", () => {
  const pair = new Pair(new Lab(), blocking("LI"));
  const socket = pair.server.socket({ family: 4, process: pair.serverProcess });
  assert.equal(socket.bind(null, 80), "ok");
  const before = pair.mark();
  assert.equal(socket.listen(), "WSAEACCES");
  assert.deepEqual(sequence(pair.records.slice(before), "server"), ["LI✗", "LId"]);
  assert.deepEqual(audits(pair.records.slice(before), "server"), [5155]);
});

conforms("D3", () => {
  const pair = new Pair(blocking("AC"));
  pair.listen();
  const before = pair.mark();
  const at = pair.simulation.clock.seconds;
  assert.equal(pair.connect().result, "WSAEACCES");
  assert.equal(pair.simulation.clock.seconds, at, "at once");
  assert.deepEqual(sequence(pair.records.slice(before), "client").slice(-3), ["CR", "AC✗", "ACd"]);
  assert.deepEqual(sequence(pair.records.slice(before), "server"), [], "no SYN arrives");
  assert.ok(audits(pair.records.slice(before), "client").includes(5157));
});

conforms("D6", () => {
  const pair = new Pair(new Lab(), blocking("RX"));
  pair.listen();
  const before = pair.mark();
  assert.equal(pair.connect().result, "WSAETIMEDOUT");
  const seen = sequence(pair.records.slice(before), "server");
  const once = ["II", "IT", "RX✗", "RXd"];
  const syns = seen.length / once.length;
  assert.ok(syns >= 3, `the SYN and at least two retransmissions, not ${syns}`);
  assert.deepEqual(seen, Array.from({ length: syns }, () => once).flat());
  assert.equal(audits(pair.records.slice(before), "server").filter((id) => id === 5157).length, syns, "one event for each");
});

conforms("D8", () => {
  const pair = new Pair(new Lab(), blocking("RX"));
  const before = pair.mark();
  assert.equal(pair.connect(81).result, "WSAECONNREFUSED");
  const seen = sequence(pair.records.slice(before), "server");
  assert.ok(seen.length > 0);
  assert.deepEqual(seen, Array.from({ length: seen.length / 4 }, () => ["II", "ITd", "OT", "OI"]).flat());
  assert.equal(indications(pair.records.slice(before), "server")[2]?.event, "RST");
});

conforms("D9", () => {
  const lab = new Lab();
  lab.filter({
    layer: "ITd",
    action: { type: "FWP_ACTION_CALLOUT_TERMINATING", calloutKey: CALLOUT_KEY.WFP_TRANSPORT_LAYER_V4_SILENT_DROP },
    conditions: [condition("FLAGS", "FWP_MATCH_FLAGS_NONE_SET", number32(CONDITION_FLAG.IS_LOOPBACK))],
  });
  const pair = new Pair(new Lab(), lab);
  const before = pair.mark();
  assert.equal(pair.connect(81).result, "WSAETIMEDOUT");
  const seen = sequence(pair.records.slice(before), "server");
  assert.deepEqual(seen, Array.from({ length: seen.length / 2 }, () => ["II", "ITd"]).flat());
  for (const { layer, decision } of indications(pair.records.slice(before), "server")) {
    if (layer.discardOf !== null) assert.equal(decision.verdict, "block", "ITd✗");
  }
  // The condition "not loopback": a program of the machine itself is refused.
  const local = pair.server.socket({ family: 4, process: pair.serverProcess }).connect(parseAddress("127.0.0.1"), 81);
  pair.simulation.runUntil(() => local.done, 300);
  assert.equal(local.result, "WSAECONNREFUSED");
});

conforms("D11", () => {
  const pair = new Pair(new Lab(), blocking("II"));
  pair.listen();
  const before = pair.mark();
  assert.equal(pair.connect().result, "WSAETIMEDOUT");
  assert.deepEqual(new Set(sequence(pair.records.slice(before), "server")), new Set(["II✗", "IId"]));
});

conforms("D12", () => {
  const pair = new Pair(blocking("OT"));
  pair.listen();
  const before = pair.mark();
  assert.equal(pair.connect().result, "WSAETIMEDOUT");
  const client = sequence(pair.records.slice(before), "client");
  assert.equal(client[3], "AC");
  // Until the connection is given up.
  const rest = client.slice(4, client.indexOf("CL"));
  assert.ok(rest.length >= 4, "SYN and retransmissions");
  assert.deepEqual(rest, Array.from({ length: rest.length / 2 }, () => ["OT✗", "OTd"]).flat());
  assert.deepEqual(sequence(pair.records.slice(before), "server"), []);
});

conforms("D13", () => {
  const pair = new Pair();
  const { client, server } = pair.establish();
  pair.clientLab.filter({ layer: "ST", action: block });
  const before = pair.mark();
  assert.equal(pair.transfer(client, server, "lost"), undefined);
  assert.deepEqual(sequence(pair.records.slice(before), "client").slice(0, 2), ["ST✗", "STd"]);
  assert.equal(client.state, "ESTABLISHED");
  assert.equal(server.state, "ESTABLISHED");
});

conforms("D14", () => {
  const pair = new Pair(blocking("FE"));
  pair.listen();
  const before = pair.mark();
  const { socket } = pair.connect();
  pair.simulation.run(1);
  const client = sequence(pair.records.slice(before), "client");
  assert.deepEqual(client.slice(0, 10), ["BR", "RA", "CR", "AC", "OT", "OI", "II", "IT", "FE✗", "FEd"]);
  assert.equal(socket.state, "CLOSED", "closed after the handshake");
  assert.ok(!sequence(pair.records.slice(before), "server").includes("FE"), "the server's end never stands");
});

conforms("D18", () => {
  const lab = new Lab();
  lab.filter({ layer: "AC_V6", action: block });
  const pair = new Pair(lab);
  pair.listen();
  assert.equal(pair.connect().result, "ok");
  const authorization = indications(pair.records, "client").find(({ layer }) => layer.name === "FWPM_LAYER_ALE_AUTH_CONNECT_V4");
  assert.equal(authorization?.decision.code, "NO_MATCH_PERMIT");
});
