import type { IpAddress } from "../../model/index.ts";
import { PROTOCOL } from "../packet.ts";
import type { QuotedPacket } from "../situation.ts";

/**
 * The packet that an ICMP error quotes, from the viewpoint of the host that sent it; null if not even its header is there. Errors quote
 * a part only, so lengths in the quotation are not believed (RFC 1122 3.2.2).
 */
export function quotedPacket(body: Uint8Array): QuotedPacket | null {
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  const version = (body[0] ?? 0) >>> 4;
  if (version === 4 && body.length >= 20) {
    const ends = { local: v4(view.getUint32(12)), remote: v4(view.getUint32(16)) };
    return { protocol: view.getUint8(9), ...ends, ...transportOf(view, view.getUint8(9), (view.getUint8(0) & 15) * 4) };
  }
  if (version === 6 && body.length >= 40) {
    const ends = { local: v6(body.slice(8, 24)), remote: v6(body.slice(24, 40)) };
    return { protocol: view.getUint8(6), ...ends, ...transportOf(view, view.getUint8(6), 40) };
  }
  return null;
}

const v4 = (value: number): IpAddress => ({ family: 4, value });
const v6 = (bytes: Uint8Array): IpAddress => ({ family: 6, bytes });

type Transport = Pick<QuotedPacket, "localPort" | "remotePort" | "identifier">;

function transportOf(view: DataView, protocol: number, offset: number): Transport {
  const none: Transport = { localPort: null, remotePort: null };
  if (view.byteLength < offset + 8) return none;
  if (protocol === PROTOCOL.TCP || protocol === PROTOCOL.UDP) {
    return { localPort: view.getUint16(offset), remotePort: view.getUint16(offset + 2) };
  }
  if (protocol === PROTOCOL.ICMP || protocol === PROTOCOL.ICMPV6) {
    // Type and code stand in for ports, as everywhere (WFP-SEMANTICS 2.1).
    return { localPort: view.getUint8(offset), remotePort: view.getUint8(offset + 1), identifier: view.getUint16(offset + 4) };
  }
  return none;
}
