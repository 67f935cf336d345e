import { type IpAddress, parseAddress } from "../../src/model/index.ts";
import type { Host } from "../../src/stack/index.ts";
import {
  emitIcmp,
  emitIcmpv6,
  emitIpv4Packet,
  emitIpv6Packet,
  emitTcpPacket,
  emitUdpPacket,
  type PseudoHeader,
} from "../../src/wire/index.ts";

/** Two addresses of one IP version. */
export interface Ends {
  readonly from: string;
  readonly to: string;
}

export interface IpOptions {
  readonly hopLimit?: number;
  readonly dontFragment?: boolean;
  readonly identification?: number;
  readonly options?: Uint8Array;
  /** Offset in bytes of a piece. */
  readonly offset?: number;
  readonly more?: boolean;
}

/** An IP packet by hand. */
export function ip({ from, to }: Ends, protocol: number, payload: Uint8Array, options: IpOptions = {}): Uint8Array {
  const source = parseAddress(from);
  const destination = parseAddress(to);
  const { hopLimit = 64, dontFragment = false, identification = 7, offset = 0, more = false } = options;
  if (source.family === 4 && destination.family === 4) {
    return emitIpv4Packet({
      dscp: 0,
      ecn: 0,
      identification,
      dontFragment,
      moreFragments: more,
      fragmentOffset: offset,
      timeToLive: hopLimit,
      protocol,
      source: source.value,
      destination: destination.value,
      options: options.options ?? new Uint8Array(0),
      payload,
    });
  }
  const isPiece = offset > 0 || more;
  const carried = isPiece ? piece(protocol, offset, more, identification, payload) : payload;
  return emitIpv6Packet({
    trafficClass: 0,
    flowLabel: 0,
    nextHeader: isPiece ? 44 : protocol,
    hopLimit,
    source: bytesOf(source),
    destination: bytesOf(destination),
    payload: carried,
  });
}

/** A UDP datagram in an IP packet. */
export function udp(ends: Ends, sourcePort: number, destinationPort: number, payload: Uint8Array, options: IpOptions = {}): Uint8Array {
  return ip(ends, 17, emitUdpPacket({ sourcePort, destinationPort, payload }, pseudo(ends)), options);
}

/** A TCP segment without payload in an IP packet. */
export function tcp(
  ends: Ends,
  sourcePort: number,
  destinationPort: number,
  flags: { syn?: boolean; ack?: boolean; rst?: boolean },
): Uint8Array {
  const { syn = false, ack = false, rst = false } = flags;
  const segment = {
    sourcePort,
    destinationPort,
    sequence: 1,
    acknowledgment: 0,
    flags: { cwr: false, ece: false, urg: false, ack, psh: false, rst, syn, fin: false },
    window: 1000,
    urgentPointer: 0,
    options: [],
    payload: new Uint8Array(0),
  };
  return ip(ends, 6, emitTcpPacket(segment, pseudo(ends)));
}

/** An ICMP or ICMPv6 message in an IP packet; `parameter` is bytes 4 to 7. */
export function icmp(ends: Ends, type: number, code: number, body: Uint8Array, parameter = 0, options: IpOptions = {}): Uint8Array {
  const message = { type, code, parameter, body };
  return parseAddress(ends.from).family === 4
    ? ip(ends, 1, emitIcmp(message), options)
    : ip(ends, 58, emitIcmpv6(message, pseudo(ends)), options);
}

/** Lets a packet arrive at an interface of a host, the first that is not loopback unless told. */
export function arrive(host: Host, bytes: Uint8Array, networkInterface = host.interfaces[1]): void {
  if (networkInterface === undefined) throw new Error("no interface");
  host.receive(networkInterface, bytes);
}

function pseudo({ from, to }: Ends): PseudoHeader {
  const source = parseAddress(from);
  const destination = parseAddress(to);
  return source.family === 4 && destination.family === 4
    ? { family: 4, source: source.value, destination: destination.value }
    : { family: 6, source: bytesOf(source), destination: bytesOf(destination) };
}

function piece(nextHeader: number, offset: number, more: boolean, identification: number, payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(8 + payload.length);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, nextHeader);
  view.setUint16(2, offset | (more ? 1 : 0));
  view.setUint32(4, identification);
  bytes.set(payload, 8);
  return bytes;
}

function bytesOf(address: IpAddress): Uint8Array {
  if (address.family === 6) return address.bytes;
  const { value } = address;
  return Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value);
}
