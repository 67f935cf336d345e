import { Bfe } from "../src/engine/index.ts";
import { parseAddress } from "../src/model/index.ts";
import { desktopProcess, ethernet, type Host, Simulation } from "../src/stack/index.ts";

/** One packet of a conversation that hosts of the project had: when, which way, and its bytes from the IP header on. */
export interface TemplatePacket {
  /** Seconds since the first packet. */
  readonly time: number;
  readonly fromClient: boolean;
  readonly bytes: Uint8Array;
}

/** A conversation to copy: with other addresses and ports it is another one. */
export interface SessionTemplate {
  readonly name: string;
  readonly family: 4 | 6;
  readonly packets: readonly TemplatePacket[];
  readonly bytes: number;
}

const ADDRESS = { client: { 4: "10.0.0.2", 6: "2001:db8::2" }, server: { 4: "10.0.0.1", 6: "2001:db8::1" } } as const;
const PORT = 443;

interface Stage {
  readonly simulation: Simulation;
  readonly client: Host;
  readonly server: Host;
  readonly family: 4 | 6;
}

function record(name: string, family: 4 | 6, play: (stage: Stage) => void): SessionTemplate {
  const simulation = new Simulation({ delay: 0.004 });
  const host = (who: "client" | "server") =>
    simulation.addHost({
      name: who,
      windows: "11",
      bfe: new Bfe({ windows: "11" }),
      interfaces: [ethernet({ index: 12, addresses: [`${ADDRESS[who][4]}/24`, `${ADDRESS[who][6]}/64`] })],
    });
  const stage = { simulation, client: host("client"), server: host("server"), family };
  const packets: TemplatePacket[] = [];
  simulation.network.tap(({ bytes, from, time }) => packets.push({ time, fromClient: from === "client", bytes: bytes.slice() }));
  play(stage);
  simulation.run(5);
  return { name, family, packets, bytes: packets.reduce((sum, packet) => sum + packet.bytes.length, 0) };
}

/** Bytes that do not compress to nothing, the same every time. */
function payload(size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  let state = 0x2545_f491;
  for (let at = 0; at < size; at++) {
    state = Math.imul(state, 1_664_525) + 1_013_904_223;
    bytes[at] = state >>> 24;
  }
  return bytes;
}

/** A TCP connection: requests and answers of the given sizes in turn. */
function tcp(name: string, family: 4 | 6, exchanges: readonly (readonly [request: number, answer: number])[]): SessionTemplate {
  return record(name, family, ({ simulation, client, server }) => {
    const listener = server.socket({ family, process: desktopProcess("C:\\server.exe", 1000) });
    listener.bind(null, PORT);
    listener.listen();
    const accepting = listener.accept();
    const socket = client.socket({ family, process: desktopProcess("C:\\client.exe", 2000) });
    socket.connect(parseAddress(ADDRESS.server[family]), PORT);
    simulation.runUntil(() => accepting.done);
    const peer = accepting.result?.socket;
    if (peer === undefined) throw new Error("the template's connection was not made");
    for (const [request, answer] of exchanges) {
      socket.send(payload(request));
      simulation.run(0.05);
      drain(peer, simulation, request);
      peer.send(payload(answer));
      drain(socket, simulation, answer);
    }
    socket.close();
    simulation.run(0.1);
    peer.close();
  });
}

function drain(socket: ReturnType<Host["socket"]>, simulation: Simulation, size: number): void {
  for (let left = size; left > 0; ) {
    const reading = socket.receive();
    simulation.runUntil(() => reading.done);
    const got = reading.result?.data.length ?? 0;
    if (got === 0) return;
    left -= got;
  }
}

function udp(name: string, family: 4 | 6, request: number, answer: number): SessionTemplate {
  return record(name, family, ({ simulation, client, server }) => {
    const service = server.udpSocket({ family, process: desktopProcess("C:\\server.exe", 1000) });
    service.bind(null, PORT);
    const socket = client.udpSocket({ family, process: desktopProcess("C:\\client.exe", 2000) });
    socket.sendTo(payload(request), parseAddress(ADDRESS.server[family]), PORT);
    const reading = service.receive();
    simulation.runUntil(() => reading.done);
    const from = reading.result?.from;
    if (from && answer > 0) service.sendTo(payload(answer), from.address, from.port);
  });
}

function echo(family: 4 | 6): SessionTemplate {
  return record("echo", family, ({ client }) => {
    client.ping(parseAddress(ADDRESS.server[family]));
  });
}

/** A SYN that nobody answers, with its retransmissions. */
function unanswered(family: 4 | 6): SessionTemplate {
  return record("unanswered SYN", family, ({ simulation, client }) => {
    simulation.network.fate = () => [];
    client.socket({ family, process: desktopProcess("C:\\client.exe", 2000) }).connect(parseAddress(ADDRESS.server[family]), PORT);
    simulation.run(25);
  });
}

function refused(family: 4 | 6): SessionTemplate {
  return record("closed port", family, ({ client }) => {
    client.socket({ family, process: desktopProcess("C:\\client.exe", 2000) }).connect(parseAddress(ADDRESS.server[family]), PORT);
  });
}

/** What a workstation's traffic is made of, with how many of a thousand conversations are of each kind. */
export function sessionTemplates(): readonly (readonly [SessionTemplate, number])[] {
  return [
    [udp("name look-up", 4, 45, 140), 330],
    [udp("name look-up", 6, 45, 170), 20],
    [tcp("small request", 4, [[420, 1_800]]), 210],
    [
      tcp("page", 4, [
        [700, 14_000],
        [520, 4_000],
        [530, 9_000],
      ]),
      180,
    ],
    [
      tcp("page", 6, [
        [700, 14_000],
        [520, 4_000],
      ]),
      30,
    ],
    [
      tcp(
        "chatty",
        4,
        Array.from({ length: 40 }, () => [110, 240] as const),
      ),
      60,
    ],
    [tcp("upload", 4, [[120_000, 300]]), 20],
    [tcp("file", 4, [[600, 300_000]]), 24],
    [tcp("large file", 4, [[600, 3_000_000]]), 4],
    [udp("announcement", 4, 180, 0), 60],
    [echo(4), 12],
    [unanswered(4), 30],
    [refused(4), 20],
  ];
}
