import type { IpAddress } from "../model/index.ts";

/** IP protocol number of TCP. */
export const TCP = 6;

/** Control bits of a TCP segment (RFC 9293 3.1). */
export interface TcpFlags {
  readonly syn: boolean;
  readonly ack: boolean;
  readonly fin: boolean;
  readonly rst: boolean;
  readonly psh: boolean;
}

/** A TCP segment as it travels: numbers, not bytes; src/wire turns it into bytes for those who want them. */
export interface TcpSegment {
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** Sequence number of the first byte, or of the SYN. */
  readonly sequence: number;
  /** Meaningful with the ACK bit only. */
  readonly acknowledgment: number;
  readonly flags: TcpFlags;
  /** Receive window in bytes; windows are not scaled. */
  readonly window: number;
  /** Maximum segment size option of a SYN, in bytes. */
  readonly maximumSegmentSize?: number;
  readonly payload: Uint8Array;
}

/** An IPv4 or IPv6 packet with a TCP segment, as it travels between hosts. */
export interface IpPacket {
  readonly source: IpAddress;
  readonly destination: IpAddress;
  readonly hopLimit: number;
  readonly protocol: typeof TCP;
  readonly segment: TcpSegment;
}

/** Bytes of an IP header without options or extension headers. */
export function ipHeaderSize(packet: IpPacket): number {
  return packet.source.family === 4 ? 20 : 40;
}

/** Bytes of a TCP header with the options the segment has. */
export function tcpHeaderSize(segment: TcpSegment): number {
  return segment.maximumSegmentSize === undefined ? 20 : 24;
}

/** Sequence numbers a segment takes: its bytes, and one each for SYN and FIN (RFC 9293 3.4). */
export function sequenceLength(segment: TcpSegment): number {
  return segment.payload.length + (segment.flags.syn ? 1 : 0) + (segment.flags.fin ? 1 : 0);
}

/** Bare control bits; those not named are clear. */
export function tcpFlags(set: Partial<TcpFlags>): TcpFlags {
  return { syn: false, ack: false, fin: false, rst: false, psh: false, ...set };
}
