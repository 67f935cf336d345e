/**
 * Writes `examples/captures/server.pcapng`: half a minute of a host's traffic, made by wfplab's own hosts without any filters:
 *
 *     npx tsx scripts/generate-replay-example.ts
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { Bfe } from "../src/engine/index.ts";
import { parseAddress } from "../src/model/index.ts";
import { desktopProcess, ethernet, type Host, Simulation } from "../src/stack/index.ts";
import { LINK_TYPE, PcapngWriter } from "../src/wire/index.ts";

const TARGET = "examples/captures";
const START = Date.UTC(2026, 0, 31, 8) / 1000;
const HOST = "10.0.0.5";
const PEER = "10.0.0.9";

const simulation = new Simulation({ delay: 0.004 });
const hostOf = (name: string, address: string): Host =>
  simulation.addHost({
    name,
    windows: "11",
    bfe: new Bfe({ windows: "11" }),
    interfaces: [ethernet({ index: 12, addresses: [`${address}/24`] })],
  });
const host = hostOf("HOST1", HOST);
const peer = hostOf("PEER1", PEER);
const program = desktopProcess("C:\\demo.exe", 4000);

const pieces: Uint8Array[] = [];
const writer = new PcapngWriter((bytes) => pieces.push(bytes.slice()), { application: "wfplab", comment: "made by wfplab's own hosts" });
writer.addInterface({ linkType: LINK_TYPE.raw, name: "Ethernet", resolution: 6 });
simulation.network.tap(({ bytes, time }) => {
  const microseconds = Math.round(time * 1e6);
  const seconds = START + Math.floor(microseconds / 1e6);
  writer.packet({ interfaceIndex: 0, seconds, nanoseconds: (microseconds % 1e6) * 1000, data: bytes });
});

/** A connection from one host to another: a request, an answer, and its end. */
function visit(from: Host, to: Host, address: string, port: number): void {
  const listener = to.socket({ family: 4, process: program });
  listener.bind(null, port);
  listener.listen();
  const accepting = listener.accept();
  const socket = from.socket({ family: 4, process: program });
  socket.connect(parseAddress(address), port);
  simulation.runUntil(() => accepting.done);
  const accepted = accepting.result?.socket;
  if (accepted === undefined) throw new Error("the example's connection was not made");
  socket.send(new Uint8Array(300));
  accepted.receive();
  simulation.run(0.2);
  accepted.send(new Uint8Array(1000));
  socket.receive();
  simulation.run(0.2);
  socket.close();
  simulation.run(0.2);
  accepted.close();
  simulation.run(1);
}

const resolver = peer.udpSocket({ family: 4, process: program });
resolver.bind(null, 53);
const asking = host.udpSocket({ family: 4, process: program });
asking.sendTo(new Uint8Array(30), parseAddress(PEER), 53);
const question = resolver.receive();
simulation.runUntil(() => question.done);
const from = question.result?.from;
if (from) resolver.sendTo(new Uint8Array(90), from.address, from.port);
simulation.run(1);
visit(host, peer, PEER, 443);
visit(peer, host, HOST, 8080);
visit(peer, host, HOST, 9090);
peer.ping(parseAddress(HOST));
simulation.run(1);
// Nobody listens there: the host answers with resets, and the peer tries again.
peer.socket({ family: 4, process: program }).connect(parseAddress(HOST), 3389);
simulation.run(20);

writer.flush();
mkdirSync(TARGET, { recursive: true });
writeFileSync(`${TARGET}/server.pcapng`, Buffer.concat(pieces));
