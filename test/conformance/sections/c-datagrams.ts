import assert from "node:assert/strict";
import { parseAddress } from "../../../src/model/index.ts";
import { ethernet } from "../../../src/stack/index.ts";
import { conforms } from "../check.ts";
import { abbreviationOf, Lab } from "../lab.ts";
import { CLIENT, indications, Pair, privateNetwork, SERVER, sequence, text } from "../run.ts";

const FIRST_OUT = ["CR", "AC", "FE", "DG", "OT", "OI"];
const FIRST_IN = ["II", "IT", "RX", "FE", "DG"];
const NEXT_OUT = ["DG", "OT", "OI"];
const NEXT_IN = ["II", "IT", "DG"];
const STRANGER = parseAddress("10.0.0.3");

/** A server at port 53 and a client that has sent it one datagram. */
function afterFirst() {
  const pair = new Pair();
  const server = pair.udpServer();
  const client = pair.udpClient();
  client.sendTo(text("first"), SERVER, 53);
  pair.simulation.run(1);
  return { pair, server, client };
}

conforms("C5", () => {
  const pair = new Pair();
  const server = pair.udpServer();
  const receiving = server.receive();
  const client = pair.udpClient();
  const seen = pair.during(() => assert.equal(client.sendTo(text("query"), SERVER, 53), "ok"));
  assert.deepEqual(seen.client, ["BR", "RA", ...FIRST_OUT]);
  assert.deepEqual(seen.server, FIRST_IN);
  assert.equal(new TextDecoder().decode(receiving.result?.data), "query");
});

conforms("C6", () => {
  const { pair, client } = afterFirst();
  const seen = pair.during(() => client.sendTo(text("second"), SERVER, 53), 50);
  assert.deepEqual(seen.client, NEXT_OUT);
  assert.deepEqual(seen.server, NEXT_IN);
  const again = pair.during(() => client.sendTo(text("third"), SERVER, 53));
  assert.deepEqual(again.client, NEXT_OUT);
});

conforms("C7", () => {
  const { pair, server, client } = afterFirst();
  const receiving = client.receive();
  const seen = pair.during(() => server.sendTo(text("reply"), CLIENT, client.endpoint.localPort));
  assert.deepEqual(seen.server, NEXT_OUT);
  assert.deepEqual(seen.client, NEXT_IN);
  assert.equal(receiving.result?.result, "ok");
});

conforms("C8", () => {
  const { pair, client } = afterFirst();
  pair.simulation.run(61);
  const seen = pair.during(() => client.sendTo(text("late"), SERVER, 53));
  assert.deepEqual(seen.client, FIRST_OUT);
  assert.deepEqual(seen.server, FIRST_IN);
});

conforms("C9", () => {
  const pair = new Pair();
  const client = pair.udpClient();
  const seen = pair.during(() => client.sendTo(text("query"), SERVER, 53));
  assert.deepEqual(seen.server, ["II", "IId", "OE", "OT", "OI"]);
  const [, discarded, error] = indications(seen.records, "server");
  assert.equal(discarded?.metadata.discardReason?.reason, "IpDiscardPortUnreachable");
  assert.equal(error?.event, "ICMP Dest Unreachable");
  // The error comes in as every ICMP error does, and Winsock tells the program at its next receive.
  assert.deepEqual(seen.client.slice(-3), ["II", "IT", abbreviationOf("FWPM_LAYER_INBOUND_ICMP_ERROR_V4")]);
  const waiting = client.receive();
  pair.during(() => client.sendTo(text("again"), SERVER, 53));
  assert.equal(waiting.result?.result, "WSAECONNRESET");
});

conforms("C10", () => {
  const { pair, client } = afterFirst();
  const seen = pair.during(() => client.sendTo(text("other"), STRANGER, 53));
  assert.deepEqual(seen.client, FIRST_OUT);
  // A flow of its own: the first one lives on, and the second needs no further authorization either.
  assert.deepEqual(pair.during(() => client.sendTo(text("to the first"), SERVER, 53)).client, NEXT_OUT);
  assert.deepEqual(pair.during(() => client.sendTo(text("to the second"), STRANGER, 53)).client, NEXT_OUT);
});

/** The type and code that stand in an indication's port fields. */
function typeAndCode(pair: Pair, host: string, layer: string): (number | undefined)[] {
  const record = indications(pair.records, host).find((candidate) => abbreviationOf(candidate.layer.name) === layer);
  const field = (name: string): number | undefined => {
    const index = record?.layer.fields.find((candidate) => candidate.name === name)?.index;
    const value = index === undefined ? undefined : record?.values[index];
    return typeof value === "object" && value.type === "FWP_UINT16" ? value.value : undefined;
  };
  return [field("IP_LOCAL_PORT"), field("IP_REMOTE_PORT")];
}

conforms("C11", () => {
  const pair = new Pair();
  const before = pair.mark();
  const ping = pair.client.ping(SERVER);
  pair.simulation.runUntil(() => ping.done, 10);
  assert.equal(ping.result, "ok");
  assert.deepEqual(sequence(pair.records.slice(before), "client"), ["AC", "FE", "DG", "OT", "OI", "II", "IT", "DG"]);
  assert.deepEqual(typeAndCode(pair, "client", "AC"), [8, 0]);
});

conforms("C12", () => {
  const pair = new Pair();
  const ping = pair.client.ping(SERVER);
  pair.simulation.runUntil(() => ping.done, 10);
  assert.deepEqual(sequence(pair.records, "server"), ["II", "IT", "RX", "FE", "DG", "OT", "OI"]);
  assert.deepEqual(typeAndCode(pair, "server", "RX"), [8, 0]);
});

const GROUP = parseAddress("239.1.2.3");

conforms("C13", () => {
  const pair = new Pair();
  const server = pair.udpServer(5000);
  server.join(GROUP);
  const receiving = server.receive();
  pair.simulation.run(1);
  const client = pair.udpClient();
  const seen = pair.during(() => client.sendTo(text("to many"), GROUP, 5000));
  assert.deepEqual(seen.server, FIRST_IN);
  assert.equal(receiving.result?.result, "ok");
  const accepted = indications(seen.records, "server").find(({ layer }) => abbreviationOf(layer.name) === "RX");
  const type = accepted?.layer.fields.find(({ name }) => name === "IP_LOCAL_ADDRESS_TYPE")?.index ?? -1;
  assert.deepEqual(accepted?.values[type], { type: "FWP_UINT8", value: 3 });
  // One flow for all: FLOW_ESTABLISHED is not repeated for another sender.
  const other = pair.addHost("other", new Lab(), [privateNetwork(12, "10.0.0.3/24")]);
  const stranger = other.udpSocket({ family: 4, process: pair.clientProcess });
  const next = pair.during(() => stranger.sendTo(text("to many"), GROUP, 5000));
  assert.deepEqual(next.server, ["II", "IT", "RX(REAUTH)", "DG"]);
});

/** A client that has sent to a group, and a stranger that answers after `seconds`. */
function answeredAfter(seconds: number): string[] {
  const pair = new Pair();
  const client = pair.udpClient();
  const sent = pair.during(() => client.sendTo(text("who is there?"), GROUP, 5000), seconds);
  assert.deepEqual(sent.client, ["BR", "RA", ...FIRST_OUT]);
  const other = pair.addHost("other", new Lab(), [privateNetwork(12, "10.0.0.3/24")]);
  const stranger = other.udpSocket({ family: 4, process: pair.clientProcess });
  return pair.during(() => stranger.sendTo(text("me"), CLIENT, client.endpoint.localPort)).client;
}

conforms("C14", () => {
  assert.deepEqual(answeredAfter(3), NEXT_IN);
});

conforms("C15", () => {
  assert.deepEqual(answeredAfter(5), FIRST_IN);
});

/** A router between the client's link and another, and a server behind it. */
export function routed(routerLab: Lab = new Lab()): { readonly pair: Pair; readonly behind: ReturnType<Pair["addHost"]> } {
  const pair = new Pair(new Lab(), routerLab, [
    ethernet({ index: 12, profile: "private", addresses: ["10.0.0.1/24"], forwarding: true }),
    ethernet({ index: 13, profile: "private", addresses: ["10.9.0.1/24"], forwarding: true, link: "inside" }),
  ]);
  const behind = pair.addHost("behind", new Lab(), [
    ethernet({ index: 12, profile: "private", addresses: ["10.9.0.2/24"], link: "inside", gateways: ["10.9.0.1"] }),
  ]);
  return { pair, behind };
}

/** A client whose way to 10.9.0.0/24 leads over the router. */
function clientBehindRouter(pair: Pair) {
  return pair.addHost("outside", new Lab(), [ethernet({ index: 12, addresses: ["10.0.0.7/24"], gateways: ["10.0.0.1"] })]);
}

conforms("C16", () => {
  const { pair, behind } = routed();
  const server = behind.udpSocket({ family: 4, process: pair.serverProcess });
  server.bind(null, 53);
  const receiving = server.receive();
  const client = clientBehindRouter(pair).udpSocket({ family: 4, process: pair.clientProcess });
  const seen = pair.during(() => client.sendTo(text("through"), parseAddress("10.9.0.2"), 53));
  assert.deepEqual(seen.server, ["FW"]);
  assert.equal(receiving.result?.result, "ok");
});

conforms("C17", () => {
  const pair = new Pair();
  const server = pair.udpServer();
  const receiving = server.receive();
  const seen = pair.during(() => pair.udpClient().sendTo(new Uint8Array(5000), SERVER, 53));
  const arrived = indications(seen.records, "server").filter(({ layer }) => abbreviationOf(layer.name) === "II");
  const flagged = (flag: string) => arrived.filter(({ flags }) => flags.includes(flag)).length;
  assert.equal(arrived.length, 9);
  assert.equal(flagged("IS_FRAGMENT"), 4);
  assert.equal(flagged("IS_REASSEMBLED"), 1);
  assert.equal(arrived.filter(({ flags }) => flags.length === 0).length, 4);
  assert.deepEqual(seen.server.slice(9), ["IT", "RX", "FE", "DG"]);
  assert.equal(receiving.result?.data.length, 5000);
  // The sender shows the datagram once: pieces are not indicated on the way out.
  assert.equal(seen.client.filter((layer) => layer === "OI").length, 1);
});

conforms("C18", () => {
  const pair = new Pair();
  const listener = pair.listen();
  const accepting = listener.accept();
  const client = pair.server.socket({ family: 4, process: pair.clientProcess });
  client.bind(null, 0);
  const before = pair.mark();
  client.connect(parseAddress("127.0.0.1"), 80);
  pair.simulation.runUntil(() => accepting.done, 10);
  pair.simulation.run(0);
  const seen = pair.records.slice(before);
  const handshake = ["CR", "AC", "OT", "OI", "II", "IT", "RX", "OT", "OI", "II", "IT", "FE", "OT", "OI", "II", "IT", "FE"];
  assert.deepEqual(sequence(seen, "server"), handshake);
  assert.equal(accepting.result?.result, "ok");
  // Everywhere that the flag's table knows it (flags.json); CONNECT_REDIRECT is not in it.
  for (const { layer, flags } of indications(seen, "server")) {
    if (abbreviationOf(layer.name) === "CR") continue;
    assert.ok(flags.includes("IS_LOOPBACK"), layer.name);
  }
});

conforms("C20", () => {
  const pair = new Pair();
  const client = pair.udpClient();
  for (const peer of ["10.0.0.1", "10.0.0.3", "10.0.0.4"]) client.sendTo(text("hello"), parseAddress(peer), 53);
  pair.simulation.run(1);
  assert.deepEqual(pair.during(() => client.close()).client, ["CL", "RL"]);
});

conforms("C22", () => {
  const pair = new Pair();
  const before = pair.mark();
  const raw = pair.client.rawSocket({ family: 4, process: pair.clientProcess, protocol: 89 });
  assert.equal(raw.opened, "ok");
  const seen = pair.records.slice(before);
  assert.deepEqual(sequence(seen, "client"), ["RA"]);
  assert.deepEqual(indications(seen, "client")[0]?.flags, ["IS_RAW_ENDPOINT"]);
});

conforms("C23", () => {
  const pair = new Pair();
  const raw = pair.client.rawSocket({ family: 4, process: pair.clientProcess, protocol: 0 });
  const before = pair.mark();
  assert.equal(raw.setPromiscuous("SIO_RCVALL"), "ok");
  const seen = pair.records.slice(before);
  assert.deepEqual(sequence(seen, "client"), ["RA"]);
  const [record] = indications(seen, "client");
  const index = record?.layer.fields.find(({ name }) => name === "ALE_PROMISCUOUS_MODE")?.index ?? -1;
  assert.deepEqual(record?.values[index], { type: "FWP_UINT32", value: 0x98000001 });
});

conforms("C24", () => {
  const pair = new Pair();
  pair.listen();
  const client = pair.client.socket({ family: 6, dualStack: true, process: pair.clientProcess });
  const before = pair.mark();
  const connecting = client.connect(parseAddress("::ffff:10.0.0.1"), 80);
  pair.simulation.runUntil(() => connecting.done, 10);
  assert.equal(connecting.result, "ok");
  const layers = indications(pair.records.slice(before), "client").map(({ layer }) => abbreviationOf(layer.name, true));
  assert.deepEqual(layers.slice(0, 4), ["BR_V6", "RA_V6", "CR_V6", "AC"]);
  // The packet layers and FLOW_ESTABLISHED are those of the peer's IP version.
  assert.deepEqual(layers.slice(4), ["OT", "OI", "II", "IT", "FE", "OT", "OI"]);
});

conforms("C25", () => {
  const pair = new Pair();
  pair.udpServer();
  const client = pair.udpClient();
  client.bind(null, 0);
  assert.deepEqual(pair.during(() => assert.equal(client.connect(SERVER, 53), "ok")).client, ["CR"]);
  assert.deepEqual(pair.during(() => assert.equal(client.send(text("query")), "ok")).client, FIRST_OUT);
});
