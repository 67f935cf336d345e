import { decodeTransport } from "./decode-transport.ts";
import { EXTENSION, FRAME_KIND, FRAME_MARK, type Frame, IP_PROTOCOL } from "./frame.ts";

const IPV4_HEADER = 20;
const IPV6_HEADER = 40;

/** The IP packet at `at`, of which the bytes before `end` were captured; the frame went on to `wireEnd`. */
export function decodeIp(frame: Frame, view: DataView, at: number, end: number, wireEnd: number): void {
  const version = at < end ? view.getUint8(at) >>> 4 : 0;
  if (version === 4) decodeIpv4(frame, view, at, end, wireEnd);
  else if (version === 6) decodeIpv6(frame, view, at, end, wireEnd);
  else malformed(frame, at < end ? FRAME_MARK.badLength : FRAME_MARK.headerCut | FRAME_MARK.cutBySnapLength);
}

function malformed(frame: Frame, marks: number): void {
  frame.kind = FRAME_KIND.malformed;
  frame.marks |= marks;
}

/** RFC 791 3.1. */
function decodeIpv4(frame: Frame, view: DataView, at: number, end: number, wireEnd: number): void {
  const header = (view.getUint8(at) & 15) * 4;
  if (header < IPV4_HEADER) {
    malformed(frame, FRAME_MARK.badLength);
    return;
  }
  if (at + header > end) {
    malformed(frame, FRAME_MARK.headerCut | FRAME_MARK.cutBySnapLength);
    return;
  }
  const total = view.getUint16(at + 2);
  if (total !== 0 && total < header) {
    malformed(frame, FRAME_MARK.badLength);
    return;
  }
  frame.kind = FRAME_KIND.ipv4;
  frame.family = 4;
  frame.ip = at;
  frame.source = at + 12;
  frame.destination = at + 16;
  frame.trafficClass = view.getUint8(at + 1);
  frame.ttl = view.getUint8(at + 8);
  frame.protocol = view.getUint8(at + 9);
  limit(frame, at, total, end, wireEnd);
  const fragment = view.getUint16(at + 6);
  frame.fragmentId = view.getUint16(at + 4);
  if ((fragment & 0x3fff) !== 0) {
    frame.isFragment = true;
    frame.moreFragments = (fragment & 0x2000) !== 0;
    frame.fragmentOffset = (fragment & 0x1fff) * 8;
  }
  if (frame.protocol === IP_PROTOCOL.ah) passHeaders(frame, view, at + header);
  else transportAt(frame, view, at + header);
}

/** RFC 8200 3. */
function decodeIpv6(frame: Frame, view: DataView, at: number, end: number, wireEnd: number): void {
  if (at + IPV6_HEADER > end) {
    malformed(frame, FRAME_MARK.headerCut | FRAME_MARK.cutBySnapLength);
    return;
  }
  frame.kind = FRAME_KIND.ipv6;
  frame.family = 6;
  frame.ip = at;
  frame.source = at + 8;
  frame.destination = at + 24;
  frame.trafficClass = (view.getUint16(at) >>> 4) & 0xff;
  frame.ttl = view.getUint8(at + 7);
  frame.protocol = view.getUint8(at + 6);
  const length = view.getUint16(at + 4);
  // Zero also stands for a jumbogram (RFC 2675): then as with offloading the frame says how long it is.
  const isEmpty = length === 0 && (frame.protocol === IP_PROTOCOL.noNext || wireEnd - at === IPV6_HEADER);
  limit(frame, at, length === 0 && !isEmpty ? 0 : length + IPV6_HEADER, end, wireEnd);
  passHeaders(frame, view, at + IPV6_HEADER);
}

/**
 * Settles where the packet ends. 0 is what a capture taken above the network card sees of a packet that the card is to cut up (segmentation
 * offload), so there the frame's length counts; otherwise the IP header's does, which leaves out padding.
 */
function limit(frame: Frame, at: number, length: number, end: number, wireEnd: number): void {
  if (length === 0) frame.marks |= FRAME_MARK.offloadedLength;
  const packetEnd = length === 0 ? wireEnd : at + length;
  if (packetEnd > end) frame.marks |= FRAME_MARK.cutBySnapLength;
  if (packetEnd > wireEnd) frame.marks |= FRAME_MARK.badLength;
  if (packetEnd < wireEnd) frame.marks |= FRAME_MARK.padded;
  frame.ipLength = packetEnd - at;
  frame.end = Math.min(packetEnd, end);
}

/** Walks extension headers (RFC 8200 4; AH: RFC 4302 2.2; mobility: RFC 6275 6.1; HIP: RFC 7401 5.1; shim6: RFC 5533 5.1). */
function passHeaders(frame: Frame, view: DataView, start: number): void {
  let at = start;
  for (;;) {
    const type = frame.protocol;
    const bit = extensionBit(type);
    if (bit === 0) break;
    frame.extensions |= bit;
    if (at + 8 > frame.end) {
      frame.marks |= at + 8 > frame.ip + frame.ipLength ? FRAME_MARK.badLength : FRAME_MARK.headerCut;
      return;
    }
    if (type === IP_PROTOCOL.fragment) {
      const field = view.getUint16(at + 2);
      frame.isFragment = true;
      frame.fragmentOffset = field & 0xfff8;
      frame.moreFragments = (field & 1) !== 0;
      frame.fragmentId = view.getUint32(at + 4);
    }
    const next = view.getUint8(at);
    if (next === IP_PROTOCOL.noNext && isProtocolItself(type)) break;
    if (type === IP_PROTOCOL.ah) {
      frame.marks |= FRAME_MARK.authenticated;
      frame.spi = view.getUint32(at + 4);
    }
    at += type === IP_PROTOCOL.ah ? (view.getUint8(at + 1) + 2) * 4 : type === IP_PROTOCOL.fragment ? 8 : (view.getUint8(at + 1) + 1) * 8;
    frame.protocol = next;
    // What follows in a later fragment is the middle of something, not a header.
    if (frame.fragmentOffset > 0) break;
  }
  transportAt(frame, view, at);
}

function extensionBit(type: number): number {
  switch (type) {
    case IP_PROTOCOL.hopByHop:
      return EXTENSION.hopByHop;
    case IP_PROTOCOL.routing:
      return EXTENSION.routing;
    case IP_PROTOCOL.fragment:
      return EXTENSION.fragment;
    case IP_PROTOCOL.destinationOptions:
      return EXTENSION.destinationOptions;
    case IP_PROTOCOL.ah:
      return EXTENSION.authentication;
    case IP_PROTOCOL.mobility:
      return EXTENSION.mobility;
    case IP_PROTOCOL.hip:
      return EXTENSION.hip;
    case IP_PROTOCOL.shim6:
      return EXTENSION.shim6;
    default:
      return 0;
  }
}

/** Extension headers by form that are used as protocols of their own. */
function isProtocolItself(type: number): boolean {
  return type === IP_PROTOCOL.mobility || type === IP_PROTOCOL.hip || type === IP_PROTOCOL.shim6;
}

function transportAt(frame: Frame, view: DataView, at: number): void {
  const length = frame.ip + frame.ipLength - at;
  if (length < 0) {
    frame.marks |= FRAME_MARK.badLength;
    return;
  }
  frame.transportLength = length;
  frame.payloadLength = length;
  if (at <= frame.end) {
    frame.payload = at;
    frame.payloadCaptured = frame.end - at;
  }
  if (frame.fragmentOffset > 0) return;
  if (at >= frame.end) {
    if (length > 0) frame.marks |= FRAME_MARK.headerCut;
    return;
  }
  frame.transport = at;
  decodeTransport(frame, view, at);
}
