import { FRAME_MARK, type Frame, IP_PROTOCOL } from "./frame.ts";

/**
 * `offloaded`: the sender's network card was to fill it in, so that a capture on the sender has 0 or the sum over the pseudo-header
 * alone. `absent`: there is none. `unknown`: not all that it covers was captured.
 */
export type ChecksumState = "valid" | "wrong" | "offloaded" | "absent" | "unknown";

export interface FrameChecksums {
  /** Of the IPv4 header; IPv6 has none. */
  readonly ip: ChecksumState;
  readonly transport: ChecksumState;
}

/** Verifies the checksums of a decoded frame. Made on demand: few captures are asked, and offloading makes many wrong that were right. */
export function frameChecksums(frame: Frame): FrameChecksums {
  return { ip: ipState(frame), transport: transportState(frame) };
}

function ipState({ family, view, ip }: Frame): ChecksumState {
  if (family !== 4) return "absent";
  const header = (view.getUint8(ip) & 15) * 4;
  if (view.getUint16(ip + 10) === 0) return "offloaded";
  return fold(sum(view, ip, header)) === 0xffff ? "valid" : "wrong";
}

/** Where in its header a protocol has the checksum, and whether it covers the pseudo-header. */
const PLACE: ReadonlyMap<number, { readonly at: number; readonly hasPseudoHeader: boolean }> = new Map([
  [IP_PROTOCOL.tcp, { at: 16, hasPseudoHeader: true }],
  [IP_PROTOCOL.udp, { at: 6, hasPseudoHeader: true }],
  [IP_PROTOCOL.icmp, { at: 2, hasPseudoHeader: false }],
  [IP_PROTOCOL.icmpv6, { at: 2, hasPseudoHeader: true }],
  [IP_PROTOCOL.igmp, { at: 2, hasPseudoHeader: false }],
]);

function transportState(frame: Frame): ChecksumState {
  const place = PLACE.get(frame.protocol);
  if (place === undefined) return "absent";
  const { view, transport } = frame;
  if (transport < 0 || transport + place.at + 2 > frame.end) return "unknown";
  const checksum = view.getUint16(transport + place.at);
  const isUdp = frame.protocol === IP_PROTOCOL.udp;
  // RFC 768: none was made. Over IPv6 there must be one (RFC 8200 8.1), so there it was left to the card.
  if (isUdp && checksum === 0) return frame.family === 4 ? "absent" : "offloaded";
  const length = isUdp ? frame.payloadLength + 8 : frame.transportLength;
  const pseudo = place.hasPseudoHeader ? pseudoSum(frame, length) : 0;
  if (isOffloaded(frame, checksum, pseudo, length)) return "offloaded";
  if (frame.isFragment || (frame.marks & (FRAME_MARK.badLength | FRAME_MARK.offloadedLength)) !== 0) return "unknown";
  if (transport + length > frame.end) return "unknown";
  return fold(pseudo + sum(view, transport, length)) === 0xffff ? "valid" : "wrong";
}

/** Linux leaves the pseudo-header's sum with the length, large-send offload of Windows without (NDIS: LsoV2 TcpChecksum). */
function isOffloaded(frame: Frame, checksum: number, pseudo: number, length: number): boolean {
  if (frame.protocol !== IP_PROTOCOL.tcp && frame.protocol !== IP_PROTOCOL.udp) return false;
  return checksum === 0 || checksum === fold(pseudo) || checksum === fold(pseudo - length);
}

function pseudoSum({ view, source, destination, family, protocol }: Frame, length: number): number {
  const size = family === 4 ? 4 : 16;
  return sum(view, source, size) + sum(view, destination, size) + protocol + length;
}

/** Of big-endian words; below 2^53 for anything that is captured. */
function sum(view: DataView, from: number, length: number): number {
  let total = 0;
  const even = from + (length & ~1);
  for (let at = from; at < even; at += 2) total += view.getUint16(at);
  return (length & 1) === 1 ? total + view.getUint8(even) * 256 : total;
}

function fold(total: number): number {
  let folded = total;
  while (folded > 0xffff) folded = (folded % 0x10000) + Math.floor(folded / 0x10000);
  return folded;
}
