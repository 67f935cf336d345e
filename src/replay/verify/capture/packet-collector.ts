import { formatIpv4, formatIpv6 } from "../../../model/index.ts";
import { decodeFrame, Frame, IP_PROTOCOL, type PacketBatch, TCP_FLAG } from "../../../wire/index.ts";
import { directionKey, type QuotedPacket, type SeenPacket } from "./seen-packet.ts";

/** No frame is longer, offloaded ones included. */
const LONGEST = 1 << 20;
/** Seconds within which two packets with the same bytes are one that was recorded twice: no sender repeats itself faster (RFC 6298 2.4). */
const TWICE = 0.05;
/** Packets kept of one direction of a flow: a long file transfer says nothing more than its beginning, its SYNs and its resets. */
const MOST_ORDINARY = 64;
const MOST = 20_000;

/** One direction of a flow. */
export interface SeenDirection {
  readonly packets: SeenPacket[];
  /** All of them, packets recorded twice included once. */
  count: number;
  /** Copies that were left out. */
  copies: number;
}

interface Recent {
  readonly time: number;
  readonly hash: number;
}

/**
 * Keeps the packets of the flows asked for, and the ICMP messages between their addresses, of a capture however long. Some capture tools
 * record every packet twice: the second of two equal packets is left out.
 */
export class PacketCollector {
  packetCount = 0;
  copies = 0;
  firstTime: number | null = null;
  lastTime: number | null = null;
  readonly #directions = new Map<string, SeenDirection>();
  /** ICMP errors by the direction of the packet that they are about. */
  readonly #errors = new Map<string, SeenPacket[]>();
  readonly #wanted: ReadonlySet<string>;
  /** Pairs of ports of what is wanted: most packets of other flows need no text to be told apart. */
  readonly #ports = new Set<number>();
  readonly #addresses: ReadonlySet<string>;
  readonly #recent = new Map<string, Recent>();
  readonly #frame = new Frame();

  /** `wanted` are keys of directions; the packets of both directions of each are kept. */
  constructor(
    wanted: Iterable<{
      readonly protocol: number;
      readonly source: string;
      readonly sourcePort: number;
      readonly destination: string;
      readonly destinationPort: number;
    }>,
  ) {
    const keys = new Set<string>();
    const addresses = new Set<string>();
    for (const { protocol, source, sourcePort, destination, destinationPort } of wanted) {
      addresses.add(source).add(destination);
      if (protocol !== IP_PROTOCOL.tcp && protocol !== IP_PROTOCOL.udp) continue;
      keys.add(directionKey(protocol, source, sourcePort, destination, destinationPort));
      keys.add(directionKey(protocol, destination, destinationPort, source, sourcePort));
      this.#ports.add(sourcePort * 0x10000 + destinationPort).add(destinationPort * 0x10000 + sourcePort);
    }
    this.#wanted = keys;
    this.#addresses = addresses;
  }

  /** Packets of one direction of a flow, in order. */
  direction(key: string): SeenDirection | undefined {
    return this.#directions.get(key);
  }

  /** ICMP errors about packets of that direction, in order. */
  errorsAbout(key: string): readonly SeenPacket[] {
    return this.#errors.get(key) ?? [];
  }

  /** The capture is over. Its packets are not always in the order of their times. */
  finish(): void {
    for (const { packets } of this.#directions.values()) packets.sort((a, b) => a.time - b.time || a.number - b.number);
  }

  packets(batch: PacketBatch): void {
    for (let index = 0; index < batch.count; index++) this.#packet(batch, index);
  }

  #packet(batch: PacketBatch, index: number): void {
    const frame = this.#frame;
    const captured = batch.captured[index] ?? 0;
    const told = batch.original[index] ?? 0;
    decodeFrame(frame, batch.view, batch.offset[index] ?? 0, captured, told > LONGEST ? captured : told, batch.linkType[index] ?? 0);
    const time = (batch.seconds[index] ?? 0) + (batch.nanoseconds[index] ?? 0) / 1e9;
    this.packetCount++;
    this.firstTime = Math.min(this.firstTime ?? time, time);
    this.lastTime = Math.max(this.lastTime ?? time, time);
    if (frame.family === 0 || frame.fragmentOffset > 0) return;
    const isIcmp = frame.protocol === IP_PROTOCOL.icmp || frame.protocol === IP_PROTOCOL.icmpv6;
    if (!isIcmp && (frame.sourcePort < 0 || !this.#ports.has(frame.sourcePort * 0x10000 + frame.destinationPort))) return;
    const source = addressText(frame, frame.source);
    const destination = addressText(frame, frame.destination);
    const key = directionKey(frame.protocol, source, isIcmp ? -1 : frame.sourcePort, destination, isIcmp ? -1 : frame.destinationPort);
    if (isIcmp ? !(this.#addresses.has(source) || this.#addresses.has(destination)) : !this.#wanted.has(key)) return;
    const direction = this.#directions.get(key) ?? { packets: [], count: 0, copies: 0 };
    this.#directions.set(key, direction);
    if (this.#isCopy(key, frame, time)) {
      direction.copies++;
      this.copies++;
      return;
    }
    direction.count++;
    const isMark = isIcmp || (frame.protocol === IP_PROTOCOL.tcp && (frame.tcpFlags & (TCP_FLAG.syn | TCP_FLAG.rst)) !== 0);
    const kept = direction.packets.length;
    if (kept >= MOST || (!isMark && frame.protocol === IP_PROTOCOL.tcp && kept >= MOST_ORDINARY)) return;
    const packet = seenPacket(batch.firstNumber + index, time, frame, source, destination);
    direction.packets.push(packet);
    const { about } = packet;
    if (about === null) return;
    const aboutKey = directionKey(about.protocol, about.source, about.sourcePort, about.destination, about.destinationPort);
    const errors = this.#errors.get(aboutKey);
    if (errors === undefined) this.#errors.set(aboutKey, [packet]);
    else errors.push(packet);
  }

  /** Equal but for what routers change, and at once. */
  #isCopy(key: string, frame: Frame, time: number): boolean {
    const hash = contentHash(frame);
    const before = this.#recent.get(key);
    this.#recent.set(key, { time, hash });
    return before !== undefined && before.hash === hash && Math.abs(time - before.time) < TWICE;
  }
}

function seenPacket(number: number, time: number, frame: Frame, source: string, destination: string): SeenPacket {
  const { protocol, sourcePort, destinationPort, tcpFlags, sequence, acknowledgment, icmpType, icmpCode, icmpParameter } = frame;
  return {
    number,
    time,
    protocol,
    source,
    destination,
    sourcePort,
    destinationPort,
    tcpFlags,
    sequence,
    acknowledgment,
    icmp: icmpType < 0 ? null : { type: icmpType, code: icmpCode, parameter: icmpParameter },
    about: frame.quoted < 0 ? null : quotedPacket(frame),
  };
}

function addressText({ view, family }: Frame, at: number): string {
  if (family === 4) return formatIpv4(view.getUint32(at));
  return formatIpv6(new Uint8Array(view.buffer, view.byteOffset + at, 16));
}

/** The header that an ICMP error quotes: without extension headers, which no host in front of a firewall is asked to answer. */
function quotedPacket({ view, quoted, quotedLength, family }: Frame): QuotedPacket | null {
  if (quotedLength < (family === 4 ? 20 : 40)) return null;
  const header = family === 4 ? (view.getUint8(quoted) & 15) * 4 : 40;
  if (quotedLength < header + 4) return null;
  const text = (offset: number): string =>
    family === 4
      ? formatIpv4(view.getUint32(quoted + offset))
      : formatIpv6(new Uint8Array(view.buffer, view.byteOffset + quoted + offset, 16));
  return {
    protocol: view.getUint8(quoted + (family === 4 ? 9 : 6)),
    source: text(family === 4 ? 12 : 8),
    destination: text(family === 4 ? 16 : 24),
    sourcePort: view.getUint16(quoted + header),
    destinationPort: view.getUint16(quoted + header + 2),
  };
}

/** FNV-1a over the IP packet without hop limit, header checksum and VLAN: a router between two points of capture changes only those. */
function contentHash({ view, ip, end, family }: Frame): number {
  let hash = 0x811c9dc5;
  const hop = ip + (family === 4 ? 8 : 7);
  const sum = family === 4 ? ip + 10 : -2;
  for (let at = ip; at < end; at++) {
    if (at === hop || at === sum || at === sum + 1) continue;
    hash = Math.imul(hash ^ view.getUint8(at), 0x01000193);
  }
  return hash >>> 0;
}
