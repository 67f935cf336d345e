import { onesComplementSum } from "./checksum.ts";

/** The part of the IP header that transport checksums cover: IPv4 addresses as UINT32 in host order, IPv6 ones as 16 bytes. */
export type PseudoHeader =
  | { readonly family: 4; readonly source: number; readonly destination: number }
  | { readonly family: 6; readonly source: Uint8Array; readonly destination: Uint8Array };

/** Sum over the pseudo-header of an upper-layer packet of `length` bytes (RFC 9293 3.1, RFC 8200 8.1). */
export function pseudoHeaderSum(pseudo: PseudoHeader, protocol: number, length: number): number {
  if (pseudo.family === 4) {
    const bytes = new Uint8Array(12);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, pseudo.source);
    view.setUint32(4, pseudo.destination);
    view.setUint8(9, protocol);
    view.setUint16(10, length);
    return onesComplementSum(bytes);
  }
  const tail = new Uint8Array(8);
  const view = new DataView(tail.buffer);
  view.setUint32(0, length);
  view.setUint8(7, protocol);
  return onesComplementSum(tail, onesComplementSum(pseudo.destination, onesComplementSum(pseudo.source)));
}
