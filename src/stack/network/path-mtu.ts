import type { IpAddress } from "../../model/index.ts";
import { packetTooBig } from "../icmp/errors.ts";
import { fragmentsOf } from "../ip/fragment.ts";
import { datagramOf, emitDatagram, parseDatagram } from "../ip/packet-bytes.ts";

/** A router on the way that cannot carry long packets. */
export interface PathLimit {
  /** Bytes of the longest packet it hands on. */
  readonly mtu: number;
  /** The address its ICMP errors come from, by IP version; without one it is a black hole and sends none. */
  readonly router?: { readonly 4?: IpAddress; readonly 6?: IpAddress };
}

/**
 * What the router hands on of a packet, and what it answers: a packet that is too long is cut (IPv4 without "don't fragment") or
 * refused with Fragmentation Needed or Packet Too Big (RFC 1191 4, RFC 8201 3).
 */
export function passPath(
  bytes: Uint8Array,
  { mtu, router = {} }: PathLimit,
): { readonly pieces: readonly Uint8Array[]; readonly answer: Uint8Array | null } {
  if (bytes.length <= mtu) return { pieces: [bytes], answer: null };
  const { datagram } = parseDatagram(bytes);
  if (datagram === undefined) return { pieces: [], answer: null };
  if (datagram.dontFragment !== true) return { pieces: fragmentsOf(datagram, mtu), answer: null };
  const { family } = datagram.source;
  const address = router[family];
  if (address === undefined) return { pieces: [], answer: null };
  const error = packetTooBig({ source: address, destination: datagram.source, quoted: bytes, mtu });
  return { pieces: [], answer: emitDatagram(datagramOf(error, 0)) };
}
