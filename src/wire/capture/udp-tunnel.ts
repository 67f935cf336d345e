import { type Frame, TUNNEL, type Tunnel } from "./frame.ts";

const PORT = { l2tp: 1701, gtpU: 2152, teredo: 3544, natTraversal: 4500, vxlan: 4789, linuxVxlan: 8472, geneve: 6081 } as const;

/** What a UDP datagram carries, if its port says that it may and its first bytes agree. */
export function udpTunnel(frame: Frame, view: DataView): Tunnel {
  const found = byPort(frame, view, frame.destinationPort);
  return found === TUNNEL.none ? byPort(frame, view, frame.sourcePort) : found;
}

function byPort(frame: Frame, view: DataView, port: number): Tunnel {
  switch (port) {
    case PORT.natTraversal:
      return isEsp(frame, view) ? TUNNEL.udpEsp : TUNNEL.none;
    case PORT.teredo:
      return isTeredo(frame, view) ? TUNNEL.teredo : TUNNEL.none;
    case PORT.vxlan:
    case PORT.linuxVxlan:
      // RFC 7348 5: the flag for a valid identifier, and reserved bits.
      return frame.payloadCaptured >= 8 && (view.getUint32(frame.payload) & 0xff00_0000) >>> 0 === 0x0800_0000 ? TUNNEL.vxlan : TUNNEL.none;
    case PORT.geneve:
      // RFC 8926 3.4: version 0, carried is at least Ethernet (0x6558) or something with an EtherType.
      return frame.payloadCaptured >= 8 && view.getUint8(frame.payload) < 0x40 && view.getUint16(frame.payload + 2) >= 0x600
        ? TUNNEL.geneve
        : TUNNEL.none;
    case PORT.gtpU:
      // 3GPP TS 29.281 5.1: version 1, protocol type GTP, message G-PDU.
      return frame.payloadCaptured >= 8 && (view.getUint8(frame.payload) & 0xf0) === 0x30 && view.getUint8(frame.payload + 1) === 0xff
        ? TUNNEL.gtpU
        : TUNNEL.none;
    case PORT.l2tp:
      // RFC 2661 3.1: a data message of version 2; the control messages are no tunnel.
      return frame.payloadCaptured >= 6 && (view.getUint16(frame.payload) & 0x800f) === 2 ? TUNNEL.l2tp : TUNNEL.none;
    default:
      return TUNNEL.none;
  }
}

/** RFC 3948 2: four zero bytes mean IKE, a single byte keeps the mapping alive. */
function isEsp({ payload, payloadCaptured }: Frame, view: DataView): boolean {
  return payloadCaptured >= 8 && view.getUint32(payload) !== 0;
}

/** RFC 4380 5.1.1: an IPv6 packet, perhaps behind an authentication (0x0001) or origin (0x0000) indication. */
function isTeredo({ payload, payloadCaptured }: Frame, view: DataView): boolean {
  if (payloadCaptured < 8) return false;
  const first = view.getUint16(payload);
  return first <= 1 || first >>> 12 === 6;
}
