import assert from "node:assert/strict";
import { parseAddress } from "../../../src/model/index.ts";
import { ethernet } from "../../../src/stack/index.ts";
import { conforms } from "../check.ts";
import { block, equal, Lab, port } from "../lab.ts";
import { CLIENT, Pair, SERVER, text } from "../run.ts";
import { routed } from "./c-datagrams.ts";

conforms("D4", () => {
  const lab = new Lab();
  lab.filter({ layer: "AC", action: block });
  const pair = new Pair(lab);
  pair.udpServer();
  const client = pair.udpClient();
  client.bind(null, 0);
  const seen = pair.during(() => {
    for (let count = 0; count < 3; count++) assert.equal(client.sendTo(text("query"), SERVER, 53), "ok");
  });
  assert.deepEqual(
    seen.client.filter((layer) => layer !== "CR"),
    ["AC✗", "ACd", "AC✗", "ACd", "AC✗", "ACd"],
  );
  assert.deepEqual(seen.server, []);
  const drops = seen.records.filter((record) => record.type === "netevent");
  assert.deepEqual(
    drops.map(({ host, eventType }) => `${host} ${eventType}`),
    Array.from({ length: 3 }, () => "client FWPM_NET_EVENT_TYPE_CLASSIFY_DROP"),
  );
});

conforms("D5", () => {
  const lab = new Lab();
  lab.filter({ layer: "AC", action: block });
  const pair = new Pair(lab);
  const before = pair.mark();
  const ping = pair.client.ping(SERVER);
  assert.equal(ping.result, "IP_GENERAL_FAILURE");
  assert.deepEqual(pair.during(() => undefined).client, []);
  const layers = pair.records.slice(before).flatMap((record) => (record.type === "indication" ? [record.layer.name] : []));
  assert.deepEqual(layers, ["FWPM_LAYER_ALE_AUTH_CONNECT_V4", "FWPM_LAYER_ALE_AUTH_CONNECT_V4_DISCARD"]);
});

conforms("D7", () => {
  const lab = new Lab();
  lab.filter({ layer: "RX", action: block });
  const pair = new Pair(new Lab(), lab);
  const receiving = pair.udpServer().receive();
  const seen = pair.during(() => pair.udpClient().sendTo(text("query"), SERVER, 53));
  assert.deepEqual(seen.server, ["II", "IT", "RX✗", "RXd"]);
  assert.equal(receiving.done, false);
});

conforms("D10", () => {
  const lab = new Lab();
  // Port fields of the ICMP error layers hold type and code: type 3 is Destination Unreachable.
  lab.filter({ layer: "OE", action: block, conditions: [equal("IP_LOCAL_PORT", port(3))] });
  const pair = new Pair(new Lab(), lab);
  const seen = pair.during(() => pair.udpClient().sendTo(text("query"), SERVER, 53));
  assert.deepEqual(seen.server, ["II", "IId", "OE✗", "OEd"]);
  assert.ok(!seen.client.includes("II"));
});

conforms("D15", () => {
  const lab = new Lab();
  const pair = new Pair(lab);
  const server = pair.udpServer();
  const client = pair.udpClient();
  client.sendTo(text("first"), SERVER, 53);
  pair.simulation.run(1);
  const filter = lab.filter({ layer: "DG", action: block });
  const blocked = pair.during(() => assert.equal(client.sendTo(text("second"), SERVER, 53), "ok"));
  assert.deepEqual(blocked.client, ["DG✗", "DGd"]);
  assert.deepEqual(blocked.server, []);
  // That datagram only: the flow lives on.
  lab.session.deleteFilterById(filter);
  assert.deepEqual(pair.during(() => client.sendTo(text("third"), SERVER, 53)).client, ["DG", "OT", "OI"]);
  assert.equal(server.receive().result?.result, "ok");
});

conforms("D16", () => {
  const lab = new Lab();
  lab.filter({ layer: "FW", action: block });
  const { pair, behind } = routed(lab);
  const receiving = (() => {
    const server = behind.udpSocket({ family: 4, process: pair.serverProcess });
    server.bind(null, 53);
    return server.receive();
  })();
  const outside = pair.addHost("outside", new Lab(), [ethernet({ index: 12, addresses: ["10.0.0.7/24"], gateways: ["10.0.0.1"] })]);
  const client = outside.udpSocket({ family: 4, process: pair.clientProcess });
  const seen = pair.during(() => client.sendTo(text("through"), parseAddress("10.9.0.2"), 53));
  assert.deepEqual(seen.server, ["FW✗", "FWd"]);
  assert.equal(receiving.done, false);
});

conforms("D17", () => {
  const lab = new Lab();
  lab.filter({ layer: "RX", action: block });
  const pair = new Pair(new Lab(), lab);
  // S starts the flow, so that C's reply is no new authorization.
  const own = pair.server.udpSocket({ family: 4, process: pair.serverProcess });
  const peer = pair.client.udpSocket({ family: 4, process: pair.clientProcess });
  peer.bind(null, 7);
  own.sendTo(text("request"), CLIENT, 7);
  pair.simulation.run(1);
  const receiving = own.receive();
  const seen = pair.during(() => peer.sendTo(text("reply"), SERVER, own.endpoint.localPort));
  assert.deepEqual(seen.server, ["II", "IT", "DG"]);
  assert.equal(receiving.result?.result, "ok");
});
