import assert from "node:assert/strict";
import { EMPTY, REAUTHORIZE_REASON } from "../../../src/model/index.ts";
import { conforms } from "../check.ts";
import { block, equal, permit, port } from "../lab.ts";
import { CLIENT, indications, Pair, SERVER, sequence, text } from "../run.ts";

/** A connection made through AUTH_RECV_ACCEPT at the server and AUTH_CONNECT at the client, and a filter added after it stands. */
function changed(change: (pair: Pair) => void): { pair: Pair; before: number } & ReturnType<Pair["establish"]> {
  const pair = new Pair();
  const ends = pair.establish();
  pair.simulation.run(5);
  change(pair);
  return { pair, before: pair.mark(), ...ends };
}

/** Any condition that the connection does not meet. */
const elsewhere = [equal("IP_LOCAL_PORT", port(9))];

conforms("E1", () => {
  const { pair, before, client, server } = changed(({ serverLab }) => serverLab.filter({ layer: "RX", action: block }));
  assert.equal(pair.transfer(client, server), "WSAECONNABORTED");
  assert.deepEqual(sequence(pair.records.slice(before), "server").slice(0, 4), ["II", "IT", "RX(REAUTH)✗", "RXd"]);
  const reauthorization = indications(pair.records.slice(before), "server")[2];
  const at = (name: string) => reauthorization?.values[reauthorization.layer.fields.findIndex((field) => field.name === name)];
  assert.deepEqual(at("REAUTHORIZE_REASON"), { type: "FWP_UINT32", value: REAUTHORIZE_REASON.POLICY_CHANGE });
  assert.ok(reauthorization?.flags.includes("IS_REAUTHORIZE"));
  assert.equal(server.state, "CLOSED", "the flow is torn down");
});

conforms("E2", () => {
  const { pair, before, client, server } = changed(({ serverLab }) =>
    serverLab.filter({ layer: "RX", action: block, conditions: elsewhere }),
  );
  assert.equal(pair.transfer(client, server, "on"), "on");
  assert.deepEqual(sequence(pair.records.slice(before), "server").slice(0, 4), ["II", "IT", "RX(REAUTH)", "ST"]);
});

conforms("E3", () => {
  const { pair, before, client, server } = changed(({ serverLab }) =>
    serverLab.filter({ layer: "RX", action: permit, conditions: elsewhere }),
  );
  assert.equal(pair.transfer(server, client, "out"), "out");
  const seen = sequence(pair.records.slice(before), "server");
  // STREAM is there because it is data (WFP-SHIMS 4.3.5); the case lists what every packet passes.
  assert.deepEqual(seen, ["RX(REAUTH)", "ST", "OT", "OI"]);
  const { layer, values, direction, flags } = indications(pair.records.slice(before), "server")[0] ?? assert.fail();
  const arrival = layer.fields.filter(({ name }) => name.includes("ARRIVAL_INTERFACE") || name === "ARRIVAL_TUNNEL_TYPE");
  assert.ok(arrival.some(({ name }) => name === "IP_ARRIVAL_INTERFACE") && arrival.length > 3);
  for (const { name, index } of arrival) assert.deepEqual(values[index], EMPTY, name);
  assert.equal(direction, "outbound", "of the packet, at the layer of inbound connections");
  assert.ok(flags.includes("IS_REAUTHORIZE"));
});

conforms("E4", () => {
  const { pair, before, client, server } = changed(({ serverLab }) =>
    serverLab.filter({ layer: "RX", action: block, conditions: [equal("IP_ARRIVAL_INTERFACE", EMPTY)] }),
  );
  assert.equal(pair.transfer(server, client, "out"), undefined);
  const seen = sequence(pair.records.slice(before), "server");
  const at = seen.indexOf("RX(REAUTH)✗");
  assert.ok(at >= 0 && seen[at + 1] === "RXd", seen.join(" "));
  assert.ok(!seen.includes("OT"), "the packet does not leave");
  assert.equal(server.state, "CLOSED", "the flow is torn down");
});

conforms("E5", () => {
  const { pair, before, client, server } = changed(({ clientLab }) => clientLab.filter({ layer: "RX", action: block }));
  assert.equal(pair.transfer(server, client, "in"), "in");
  assert.deepEqual(sequence(pair.records.slice(before), "client").slice(0, 3), ["II", "IT", "ST"]);
  // And with UDP, where DATAGRAM_DATA stands in STREAM's place.
  const datagrams = new Pair();
  const peer = datagrams.udpServer();
  const own = datagrams.udpClient();
  own.sendTo(text("query"), SERVER, 53);
  datagrams.simulation.run(1);
  datagrams.clientLab.filter({ layer: "RX", action: block });
  const reply = datagrams.during(() => peer.sendTo(text("reply"), CLIENT, own.endpoint.localPort));
  assert.deepEqual(reply.client, ["II", "IT", "DG"]);
});

function reauthorizedByRemoval(): ReturnType<typeof changed> {
  const pair = new Pair();
  const unrelated = pair.clientLab.filter({ layer: "AC", action: block, conditions: [equal("IP_REMOTE_PORT", port(9))] });
  const ends = pair.establish();
  pair.simulation.run(5);
  pair.clientLab.session.deleteFilterById(unrelated);
  return { pair, before: pair.mark(), ...ends };
}

conforms("E6", () => {
  const { pair, before, client, server } = reauthorizedByRemoval();
  assert.equal(pair.transfer(client, server, "on"), "on");
  const seen = sequence(pair.records.slice(before), "client");
  assert.deepEqual(seen.slice(0, 4), ["AC(REAUTH)", "ST", "OT", "OI"], "the next packet, and it is permitted");
  assert.equal(seen.filter((step) => step.startsWith("AC")).length, 1);
});

conforms("E7", () => {
  const { pair, client, server } = reauthorizedByRemoval();
  assert.equal(pair.transfer(client, server, "first"), "first");
  const before = pair.mark();
  assert.equal(pair.transfer(client, server, "second"), "second");
  assert.ok(!sequence(pair.records.slice(before), "client").some((step) => step.startsWith("AC")));
});

conforms("E8", () => {
  const { pair, before } = changed(({ serverLab }) => serverLab.filter({ layer: "RX", action: block }));
  pair.simulation.run(3600);
  assert.deepEqual(sequence(pair.records.slice(before), "server"), []);
});
