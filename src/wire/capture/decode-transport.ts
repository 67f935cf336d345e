import { FRAME_MARK, type Frame, IP_PROTOCOL, TUNNEL } from "./frame.ts";
import { udpTunnel } from "./udp-tunnel.ts";

const TCP_HEADER = 20;
const UDP_HEADER = 8;
const ICMP_HEADER = 8;

/** What is at `frame.transport`; at least one byte of it was captured. */
export function decodeTransport(frame: Frame, view: DataView, at: number): void {
  switch (frame.protocol) {
    case IP_PROTOCOL.tcp:
      tcp(frame, view, at);
      return;
    case IP_PROTOCOL.udp:
    case IP_PROTOCOL.udpLite:
      udp(frame, view, at);
      return;
    case IP_PROTOCOL.icmp:
    case IP_PROTOCOL.icmpv6:
    case IP_PROTOCOL.igmp:
      icmp(frame, view, at);
      return;
    case IP_PROTOCOL.sctp:
      ports(frame, view, at, 12);
      return;
    case IP_PROTOCOL.dccp:
      ports(frame, view, at, 12);
      return;
    case IP_PROTOCOL.esp:
      frame.tunnel = TUNNEL.esp;
      if (at + 4 <= frame.end) frame.spi = view.getUint32(at);
      return;
    case IP_PROTOCOL.ipv4:
    case IP_PROTOCOL.ipIp:
      frame.tunnel = TUNNEL.ipInIp;
      return;
    case IP_PROTOCOL.ipv6:
      frame.tunnel = TUNNEL.ipv6InIp;
      return;
    case IP_PROTOCOL.gre:
      frame.tunnel = TUNNEL.gre;
      return;
    case IP_PROTOCOL.etherIp:
      frame.tunnel = TUNNEL.etherIp;
      return;
    case IP_PROTOCOL.l2tp:
      frame.tunnel = TUNNEL.l2tp;
      return;
  }
}

/** Ports, if they are there; false unless `header` bytes can be read. */
function ports(frame: Frame, view: DataView, at: number, header: number): boolean {
  const there = frame.end - at;
  if (there >= 4) {
    frame.sourcePort = view.getUint16(at);
    frame.destinationPort = view.getUint16(at + 2);
  }
  if (there >= header) return true;
  // The first fragment may end within the header (RFC 791 allows 8 bytes), so being short is a bad length only of whole packets.
  frame.marks |= frame.transportLength < header && !frame.moreFragments ? FRAME_MARK.badLength : FRAME_MARK.headerCut;
  return false;
}

/** RFC 9293 3.1. */
function tcp(frame: Frame, view: DataView, at: number): void {
  if (!ports(frame, view, at, TCP_HEADER)) {
    payloadBehind(frame, at, TCP_HEADER);
    return;
  }
  frame.sequence = view.getUint32(at + 4);
  frame.acknowledgment = view.getUint32(at + 8);
  frame.tcpFlags = view.getUint8(at + 13);
  frame.window = view.getUint16(at + 14);
  const header = (view.getUint8(at + 12) >>> 4) * 4;
  if (header < TCP_HEADER || header > frame.transportLength) {
    frame.marks |= FRAME_MARK.badLength;
    payloadBehind(frame, at, TCP_HEADER);
    return;
  }
  if (header > TCP_HEADER) {
    frame.options = at + TCP_HEADER;
    frame.optionsLength = Math.min(at + header, frame.end) - frame.options;
  }
  payloadBehind(frame, at, header);
}

/** RFC 768. */
function udp(frame: Frame, view: DataView, at: number): void {
  const isWhole = ports(frame, view, at, UDP_HEADER);
  payloadBehind(frame, at, UDP_HEADER);
  if (!isWhole || frame.protocol !== IP_PROTOCOL.udp) return;
  const length = view.getUint16(at + 4);
  // 0: offloaded as IP's is, or a jumbogram. Else the datagram may be shorter than the packet, and in a first fragment longer.
  if (length !== 0) {
    if (length < UDP_HEADER || (length > frame.transportLength && !frame.isFragment)) frame.marks |= FRAME_MARK.badLength;
    else if (length < frame.transportLength) {
      frame.payloadLength = length - UDP_HEADER;
      frame.payloadCaptured = Math.min(frame.payloadCaptured, frame.payloadLength);
    }
  }
  frame.tunnel = udpTunnel(frame, view);
}

/** RFC 792, RFC 4443, RFC 9776 (IGMP). */
function icmp(frame: Frame, view: DataView, at: number): void {
  const there = frame.end - at;
  frame.icmpType = view.getUint8(at);
  if (there >= 2) frame.icmpCode = view.getUint8(at + 1);
  if (there >= ICMP_HEADER) frame.icmpParameter = view.getUint32(at + 4);
  else frame.marks |= frame.transportLength < ICMP_HEADER && !frame.moreFragments ? FRAME_MARK.badLength : FRAME_MARK.headerCut;
  payloadBehind(frame, at, ICMP_HEADER);
  if (isError(frame.protocol, frame.icmpType) && frame.payload >= 0) {
    frame.quoted = frame.payload;
    frame.quotedLength = frame.payloadCaptured;
  }
}

function isError(protocol: number, type: number): boolean {
  if (protocol === IP_PROTOCOL.icmpv6) return type > 0 && type < 128;
  // Unreachable, source quench, redirect, time exceeded, parameter problem.
  return protocol === IP_PROTOCOL.icmp && ((type >= 3 && type <= 5) || type === 11 || type === 12);
}

function payloadBehind(frame: Frame, at: number, header: number): void {
  const start = at + header;
  frame.payloadLength = Math.max(0, frame.transportLength - header);
  frame.payload = start <= frame.end ? start : -1;
  frame.payloadCaptured = Math.max(0, frame.end - start);
}
