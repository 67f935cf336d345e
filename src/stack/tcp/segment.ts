/** Control bits of a TCP segment (RFC 9293 3.1). */
export interface TcpFlags {
  readonly syn: boolean;
  readonly ack: boolean;
  readonly fin: boolean;
  readonly rst: boolean;
  readonly psh: boolean;
}

/** Bytes that the receiver has beyond what it acknowledges: the first one and the one after the last (RFC 2018 3). */
export interface SackBlock {
  readonly left: number;
  readonly right: number;
}

/** Options of a TCP header; absent ones are not there. */
export interface TcpOptions {
  /** Bytes; of a SYN (RFC 9293 3.7.1). */
  readonly maximumSegmentSize?: number;
  /** Shift count; of a SYN (RFC 7323 2.2). */
  readonly windowScale?: number;
  /** Of a SYN (RFC 2018 2). */
  readonly sackPermitted?: boolean;
  readonly sackBlocks?: readonly SackBlock[];
  /** RFC 7323 3.2. */
  readonly timestamps?: { readonly value: number; readonly echo: number };
}

/** A TCP segment as TCP handles it: numbers, not bytes. */
export interface TcpSegment {
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** Sequence number of the first byte, or of the SYN. */
  readonly sequence: number;
  /** Meaningful with the ACK bit only. */
  readonly acknowledgment: number;
  readonly flags: TcpFlags;
  /** As it stands in the header, not scaled. */
  readonly window: number;
  readonly options: TcpOptions;
  readonly payload: Uint8Array;
}

/** Bytes of a TCP header without options. */
export const FIXED_HEADER = 20;

/** Bytes of a TCP header with the options as they are emitted: padded to words by no-operations (RFC 7323 appendix A). */
export function tcpHeaderSize({ options }: Pick<TcpSegment, "options">): number {
  const { maximumSegmentSize, windowScale, sackPermitted, sackBlocks = [], timestamps } = options;
  let size = FIXED_HEADER;
  if (maximumSegmentSize !== undefined) size += 4;
  if (windowScale !== undefined) size += 4;
  if (sackPermitted === true) size += 4;
  if (timestamps !== undefined) size += 12;
  if (sackBlocks.length > 0) size += 4 + 8 * sackBlocks.length;
  return size;
}

/** Sequence numbers a segment takes: its bytes, and one each for SYN and FIN (RFC 9293 3.4). */
export function sequenceLength(segment: TcpSegment): number {
  return segment.payload.length + (segment.flags.syn ? 1 : 0) + (segment.flags.fin ? 1 : 0);
}

/** Bare control bits; those not named are clear. */
export function tcpFlags(set: Partial<TcpFlags>): TcpFlags {
  return { syn: false, ack: false, fin: false, rst: false, psh: false, ...set };
}
