import assert from "node:assert/strict";
import { conforms } from "../check.ts";
import { indications, Pair, sequence } from "../run.ts";

conforms("C1", () => {
  const pair = new Pair();
  pair.listen();
  assert.deepEqual(sequence(pair.records, "server"), ["BR", "RA", "LI"]);
});

conforms("C2", () => {
  const pair = new Pair();
  const listener = pair.listen();
  const accepting = listener.accept();
  const before = pair.mark();
  const { result } = pair.connect();
  pair.simulation.runUntil(() => accepting.done, 1);
  assert.equal(result, "ok");
  assert.equal(accepting.result?.result, "ok");
  const seen = pair.records.slice(before);
  assert.deepEqual(sequence(seen, "client"), ["BR", "RA", "CR", "AC", "OT", "OI", "II", "IT", "FE", "OT", "OI"]);
  assert.deepEqual(sequence(seen, "server"), ["II", "IT", "RX", "OT", "OI", "II", "IT", "FE"]);
  // The order between the hosts: the SYN arrives after it was sent, and so on.
  assert.deepEqual(
    indications(seen)
      .map(({ host, event }) => `${host} ${event}`)
      .filter((step, index, all) => step !== all[index - 1]),
    ["client bind", "client connect", "client SYN", "server SYN", "server SYN-ACK", "client SYN-ACK", "client ACK", "server ACK"],
  );
});

conforms("C3", () => {
  const pair = new Pair();
  const { client, server } = pair.establish();
  const before = pair.mark();
  assert.equal(pair.transfer(client, server, "hello"), "hello");
  const seen = pair.records.slice(before);
  // Nothing else: the ACK is delayed, and has not left when the data is there.
  assert.deepEqual(sequence(seen, "client"), ["ST", "OT", "OI"]);
  assert.deepEqual(sequence(seen, "server"), ["II", "IT", "ST"]);
  const streams = indications(seen).filter(({ layer }) => layer.name === "FWPM_LAYER_STREAM_V4");
  assert.deepEqual(
    streams.map(({ host, direction }) => `${host} ${direction}`),
    ["client outbound", "server inbound"],
  );
});

conforms("C4", () => {
  const pair = new Pair();
  const before = pair.mark();
  const { result } = pair.connect(81);
  assert.equal(result, "WSAECONNREFUSED");
  const server = sequence(pair.records.slice(before), "server");
  // Windows tries a refused connection again: the same for each SYN, and nothing else.
  assert.ok(server.length > 0);
  assert.deepEqual(server, Array.from({ length: server.length / 4 }, () => ["II", "ITd", "OT", "OI"]).flat());
  const [, discarded, reset] = indications(pair.records.slice(before), "server");
  assert.equal(discarded?.metadata.discardReason?.reason, "InetDiscardEndpointNotFound");
  assert.equal(reset?.event, "RST");
});

conforms("C19", () => {
  const pair = new Pair();
  const { client, server } = pair.establish();
  const before = pair.mark();
  client.close();
  server.close();
  pair.simulation.run();
  const ale = (host: string) => sequence(pair.records.slice(before), host).filter((layer) => layer === "CL" || layer === "RL");
  assert.deepEqual(ale("client"), ["CL", "RL"]);
  // The connection that was accepted holds no port of its own: its listener does (WFP-SHIMS 4.3.6).
  assert.deepEqual(ale("server"), ["CL"]);
});

conforms("C21", () => {
  const pair = new Pair();
  const listener = pair.listen();
  const before = pair.mark();
  listener.close();
  assert.deepEqual(sequence(pair.records.slice(before), "server"), ["CL", "RL"]);
});
