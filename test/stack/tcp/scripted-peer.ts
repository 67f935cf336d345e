import { Bfe } from "../../../src/engine/index.ts";
import { type IpAddress, parseAddress, sameAddress } from "../../../src/model/index.ts";
import {
  desktopProcess,
  ethernet,
  type Host,
  type IpPacket,
  type NetworkNode,
  Simulation,
  type Socket,
  type TcpFlags,
  type TcpSegment,
  type TcpSettings,
} from "../../../src/stack/index.ts";
import { datagramOf, emitDatagram, parseDatagram, parseTransport } from "../../../src/stack/ip/packet-bytes.ts";

export const HOST = parseAddress("10.0.0.1");
export const PEER = parseAddress("10.0.0.9");
const PORT = 5000;

/** A segment in words: flags, then what is not usual. */
export interface Script extends Partial<Pick<TcpSegment, "sequence" | "acknowledgment" | "window" | "options">> {
  readonly flags: readonly (keyof TcpFlags)[];
  readonly text?: string | number;
}

/** A host of the model on one side, a test that plays its peer segment by segment on the other: transcripts. */
export class ScriptedPeer {
  readonly simulation = new Simulation({ delay: 0 });
  readonly host: Host;
  readonly seen: TcpSegment[] = [];
  /** Ports and numbers of the peer. */
  readonly port: number;
  next = 1000;
  expected = 0;

  constructor(tcp: Partial<TcpSettings> = {}, port = 80) {
    this.port = port;
    this.host = this.simulation.addHost({
      name: "host",
      windows: "11",
      bfe: new Bfe({ windows: "11" }),
      interfaces: [ethernet({ index: 12, addresses: ["10.0.0.1/24"] })],
      tcp,
    });
    const node: NetworkNode = {
      name: "peer",
      ports: [
        {
          link: "network",
          owns: (address: IpAddress) => sameAddress(address, PEER),
          receive: (bytes) => {
            const { datagram } = parseDatagram(bytes);
            if (datagram === undefined) throw new Error("not a packet");
            const { packet } = parseTransport(datagram);
            if ("segment" in packet) this.seen.push(packet.segment);
          },
        },
      ],
    };
    this.simulation.network.attach(node);
  }

  process = desktopProcess("C:\\host.exe", 1);

  socket(): Socket {
    return this.host.socket({ family: 4, process: this.process });
  }

  /** Sends a segment to the host's port and lets time stand still while it is answered. */
  send(script: Script, hostPort = this.hostPort): void {
    const { flags, text = "", sequence = this.next, acknowledgment, window = 65_535, options = {} } = script;
    const payload = typeof text === "number" ? new Uint8Array(text) : new TextEncoder().encode(text);
    const set = { syn: false, ack: false, fin: false, rst: false, psh: false };
    for (const flag of flags) set[flag] = true;
    const segment: TcpSegment = {
      sourcePort: this.port,
      destinationPort: hostPort,
      sequence,
      acknowledgment: acknowledgment ?? (set.ack ? this.expected : 0),
      flags: set,
      window,
      options,
      payload,
    };
    const packet: IpPacket = { source: PEER, destination: HOST, hopLimit: 64, protocol: 6, segment };
    const arrival = this.host.interfaces[1];
    if (arrival === undefined) throw new Error("no interface");
    this.host.receive(arrival, emitDatagram(datagramOf(packet, 0)));
    this.simulation.run(0);
    if (script.sequence === undefined) this.next = (sequence + payload.length + (set.syn ? 1 : 0) + (set.fin ? 1 : 0)) >>> 0;
  }

  hostPort = 0;

  /** What came since the last look: `SYN`, `ACK 5`, `PSH ACK +100`, numbers relative to the host's first one. */
  take(): TcpSegment[] {
    const taken = this.seen.splice(0);
    for (const { sequence, payload, flags } of taken) {
      const end = (sequence + payload.length + (flags.syn ? 1 : 0) + (flags.fin ? 1 : 0)) >>> 0;
      if (((end - this.expected) | 0) > 0 || flags.syn) this.expected = end;
    }
    return taken;
  }

  /** A connection that the host has opened and this peer accepted. */
  static opened(
    tcp: Partial<TcpSettings> = {},
    options: TcpSegment["options"] = { maximumSegmentSize: 1460, windowScale: 0, sackPermitted: true },
  ) {
    const peer = new ScriptedPeer(tcp);
    const socket = peer.socket();
    socket.bind(null, PORT);
    peer.hostPort = PORT;
    socket.connect(PEER, peer.port);
    peer.simulation.run(0);
    peer.take();
    peer.send({ flags: ["syn", "ack"], options });
    peer.take();
    return { peer, socket };
  }
}

/** `SYN ACK`, `PSH ACK 1460`: flags and payload length. */
export function words(segments: readonly TcpSegment[]): string[] {
  return segments.map(({ flags, payload }) => {
    const names = (["syn", "fin", "rst", "psh", "ack"] as const).filter((name) => flags[name]).map((name) => name.toUpperCase());
    return [...names, ...(payload.length > 0 ? [String(payload.length)] : [])].join(" ");
  });
}
