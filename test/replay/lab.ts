import { Bfe, type BfeSession, FilterEngine } from "../../src/engine/index.ts";
import {
  type Condition,
  type FilterAction,
  LAYER_KEY,
  type LayerName,
  type Policy,
  parseAddress,
  type ReplayFlow,
  type ReplayPacket,
  type ReplaySummary,
  type WindowsVersion,
} from "../../src/model/index.ts";
import { type DescribedEndpoint, EndpointFacts, LocalAddresses, Replay, type ReplayOptions } from "../../src/replay/index.ts";
import type { Simulation } from "../../src/stack/index.ts";
import {
  CaptureReader,
  emitIcmp,
  emitIpv4Packet,
  emitIpv6Packet,
  emitTcpPacket,
  emitUdpPacket,
  LINK_TYPE,
  PcapngWriter,
  type PseudoHeader,
  type TcpControlBits,
} from "../../src/wire/index.ts";

/** When every made-up capture begins: 2026-11-23T12:00:00Z. */
export const START = Date.UTC(2026, 10, 23, 12) / 1000;

/** The host that captures are seen from, and a peer of it. */
export const HOST = "10.0.0.5";
export const PEER = "203.0.113.9";
export const HOST6 = "2001:db8::5";
export const PEER6 = "2001:db8:ffff::9";

export interface End {
  readonly address: string;
  readonly port: number;
}

export const end = (address: string, port: number): End => ({ address, port });

const NO_FLAGS: TcpControlBits = { fin: false, syn: false, rst: false, psh: false, ack: false, urg: false, ece: false, cwr: false };

/** A TCP conversation whose sequence numbers keep themselves. */
export class Conversation {
  readonly #capture: TestCapture;
  readonly #ends: readonly [End, End];
  readonly #next = [1000, 5000];

  constructor(capture: TestCapture, from: End, to: End) {
    this.#capture = capture;
    this.#ends = [from, to];
  }

  /** `>` from the end that began, `<` from the other; a word of flag letters, and how many bytes of payload. */
  segment(way: ">" | "<", letters: string, size = 0, options: { readonly repeat?: boolean } = {}): this {
    const sender = way === ">" ? 0 : 1;
    const flags = {
      ...NO_FLAGS,
      syn: letters.includes("S"),
      ack: letters.includes("A"),
      fin: letters.includes("F"),
      rst: letters.includes("R"),
    };
    const [from, to] = way === ">" ? this.#ends : [this.#ends[1], this.#ends[0]];
    const taken = size + (flags.syn ? 1 : 0) + (flags.fin ? 1 : 0);
    const sequence = (this.#next[sender] ?? 0) - (options.repeat === true ? taken : 0);
    const pseudo = pseudoOf(from, to);
    const packet = {
      sourcePort: from.port,
      destinationPort: to.port,
      sequence,
      acknowledgment: flags.ack ? (this.#next[1 - sender] ?? 0) : 0,
      flags,
      window: 64_240,
      urgentPointer: 0,
      options: [],
      payload: new Uint8Array(size),
    };
    this.#capture.ip(pseudo, 6, emitTcpPacket(packet, pseudo));
    this.#next[sender] = sequence + taken;
    return this;
  }

  handshake(): this {
    return this.segment(">", "S").segment("<", "SA").segment(">", "A");
  }

  data(way: ">" | "<", size = 100): this {
    return this.segment(way, "A", size);
  }

  close(): this {
    return this.segment(">", "FA").segment("<", "FA").segment(">", "A");
  }
}

function pseudoOf(from: End, to: End): PseudoHeader {
  const source = parseAddress(from.address);
  const destination = parseAddress(to.address);
  if (source.family === 4 && destination.family === 4) return { family: 4, source: source.value, destination: destination.value };
  if (source.family === 6 && destination.family === 6) return { family: 6, source: source.bytes, destination: destination.bytes };
  throw new RangeError("both ends of a packet have the same IP version");
}

/** A small capture as a test writes it down: raw IP packets a tenth of a second apart. */
export class TestCapture {
  readonly #pieces: Uint8Array[] = [];
  readonly #writer = new PcapngWriter((bytes) => this.#pieces.push(bytes.slice()));
  /** Tenths of seconds since {@link START}. */
  #tenths = 0;

  constructor() {
    this.#writer.addInterface({ linkType: LINK_TYPE.raw, name: "test" });
  }

  /** The time of the next packet, in seconds after the start. */
  get now(): number {
    return this.#tenths / 10;
  }

  wait(seconds: number): this {
    this.#tenths += Math.round(seconds * 10);
    return this;
  }

  tcp(from: End, to: End): Conversation {
    return new Conversation(this, from, to);
  }

  udp(from: End, to: End, size = 20): this {
    const pseudo = pseudoOf(from, to);
    return this.ip(pseudo, 17, emitUdpPacket({ sourcePort: from.port, destinationPort: to.port, payload: new Uint8Array(size) }, pseudo));
  }

  icmp(from: string, to: string, type: number, code = 0, parameter = 0x00420001): this {
    const pseudo = pseudoOf(end(from, 0), end(to, 0));
    return this.ip(pseudo, 1, emitIcmp({ type, code, parameter, body: new Uint8Array(8) }));
  }

  /** A datagram in pieces of at most `size` bytes. */
  fragments(from: End, to: End, bytes: number, size: number): this {
    const pseudo = pseudoOf(from, to);
    const whole = emitUdpPacket({ sourcePort: from.port, destinationPort: to.port, payload: new Uint8Array(bytes) }, pseudo);
    for (let at = 0; at < whole.length; at += size) {
      this.ip(pseudo, 17, whole.subarray(at, at + size), { fragmentOffset: at, moreFragments: at + size < whole.length });
    }
    return this;
  }

  /** A packet with `payload` behind its IP header. */
  ip(
    pseudo: PseudoHeader,
    protocol: number,
    payload: Uint8Array,
    fragment: { readonly fragmentOffset?: number; readonly moreFragments?: boolean } = {},
  ): this {
    if (pseudo.family === 6) {
      return this.packet(
        emitIpv6Packet({
          trafficClass: 0,
          flowLabel: 0,
          nextHeader: protocol,
          hopLimit: 64,
          source: pseudo.source,
          destination: pseudo.destination,
          payload,
        }),
      );
    }
    return this.packet(
      emitIpv4Packet({
        dscp: 0,
        ecn: 0,
        identification: 0x4242,
        dontFragment: false,
        moreFragments: fragment.moreFragments ?? false,
        fragmentOffset: fragment.fragmentOffset ?? 0,
        timeToLive: 64,
        options: new Uint8Array(0),
        source: pseudo.source,
        destination: pseudo.destination,
        protocol,
        payload,
      }),
    );
  }

  /** Bytes as they are. */
  packet(data: Uint8Array): this {
    this.#writer.packet({
      interfaceIndex: 0,
      seconds: START + Math.floor(this.#tenths / 10),
      nanoseconds: (this.#tenths % 10) * 100_000_000,
      data,
    });
    this.#tenths++;
    return this;
  }

  bytes(): Uint8Array {
    this.#writer.flush();
    return joined(this.#pieces);
  }
}

/** What the network of a simulation carries, as a capture. */
export function tapped(simulation: Simulation): () => Uint8Array {
  const pieces: Uint8Array[] = [];
  const writer = new PcapngWriter((bytes) => pieces.push(bytes.slice()), { application: "wfplab" });
  writer.addInterface({ linkType: LINK_TYPE.raw, name: "simulated" });
  simulation.network.tap(({ bytes, time }) => {
    writer.packet({ interfaceIndex: 0, seconds: START + Math.floor(time), nanoseconds: Math.round((time % 1) * 1e9), data: bytes });
  });
  return () => {
    writer.flush();
    return joined(pieces);
  };
}

export function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

export const BLOCK: FilterAction = { type: "FWP_ACTION_BLOCK" };
export const PERMIT: FilterAction = { type: "FWP_ACTION_PERMIT" };

/** A policy of a few filters: name of the layer without FWPM_LAYER_, action, conditions. */
export interface TestFilter {
  readonly layer: LayerName;
  readonly name?: string;
  readonly action?: FilterAction;
  readonly conditions?: readonly Condition[];
}

export function policyOf(filters: readonly TestFilter[], windows: WindowsVersion = "11"): Policy {
  const bfe = new Bfe({ windows });
  const session: BfeSession = bfe.openSession({ name: "test" });
  for (const { layer, name = `test filter at ${layer}`, action = BLOCK, conditions = [] } of filters) {
    session.addFilter({ name, layer: LAYER_KEY[layer], conditions, action });
  }
  return bfe.policy;
}

export interface Replayed {
  readonly flows: readonly ReplayFlow[];
  readonly packets: readonly ReplayPacket[];
  readonly summary: ReplaySummary;
  /** Fates of all packets in order, a letter each: permitted, blocked, suppressed, indeterminate, unjudged. */
  readonly fates: string;
}

export interface ReplaySetting {
  readonly local?: readonly string[];
  readonly endpoints?: readonly DescribedEndpoint[];
  /** Policies that hold from so many seconds after the start on. */
  readonly later?: readonly { readonly after: number; readonly policy: Policy }[];
  readonly windows?: WindowsVersion;
  readonly profile?: ReplayOptions["profile"];
}

const LETTER = { permitted: "p", blocked: "B", suppressed: "-", indeterminate: "?", unjudged: "." } as const;

export function replay(capture: Uint8Array, policy: Policy, setting: ReplaySetting = {}): Replayed {
  const flows: ReplayFlow[] = [];
  const packets: ReplayPacket[] = [];
  const run = new Replay({
    policies: [
      { from: Number.NEGATIVE_INFINITY, engine: new FilterEngine(policy) },
      ...(setting.later ?? []).map(({ after, policy: next }) => ({ from: START + after, engine: new FilterEngine(next) })),
    ],
    windows: setting.windows ?? "11",
    local: new LocalAddresses((setting.local ?? [HOST, HOST6]).map(parseAddress)),
    endpoints: new EndpointFacts(setting.endpoints ?? []),
    ...(setting.profile === undefined ? {} : { profile: setting.profile }),
    onFlow: (flow) => flows.push(flow),
    onPacket: (packet) => packets.push(packet),
  });
  const reader = new CaptureReader({
    packets: (batch) => run.packets(batch),
    problem: ({ message }) => {
      throw new Error(message);
    },
  });
  reader.push(capture);
  reader.end();
  const summary = run.end();
  return {
    flows: flows.toSorted((a, b) => a.number - b.number),
    packets,
    summary,
    fates: packets.map(({ fate }) => LETTER[fate]).join(""),
  };
}
