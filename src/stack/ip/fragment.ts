import { emitDatagram, type IpDatagram } from "./packet-bytes.ts";

/**
 * Cuts a datagram so that every piece fits into `mtu` bytes (RFC 791 3.2, RFC 8200 4.5); one that fits stays whole. A piece may itself
 * be cut. Pieces are bytes, ready to leave.
 */
export function fragmentsOf(datagram: IpDatagram, mtu: number): readonly Uint8Array[] {
  const { payload, fragment, identification } = datagram;
  const isV6 = datagram.source.family === 6;
  const fixed = isV6 ? 40 : 20;
  if (fixed + (isV6 && fragment !== null ? 8 : 0) + payload.length <= mtu) return [emitDatagram(datagram)];
  const room = (mtu - fixed - (isV6 ? 8 : 0)) & ~7;
  const start = fragment?.offset ?? 0;
  const pieces: Uint8Array[] = [];
  for (let offset = 0; offset < payload.length; offset += room) {
    const isLast = offset + room >= payload.length;
    const moreFragments = !isLast || (fragment?.moreFragments ?? false);
    pieces.push(
      emitDatagram({
        ...datagram,
        payload: payload.subarray(offset, offset + room),
        fragment: { identification, offset: start + offset, moreFragments },
      }),
    );
  }
  return pieces;
}
