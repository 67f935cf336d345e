import { ETHER_TYPE } from "../ethernet.ts";
import { decodeIp } from "./decode-ip.ts";
import { FRAME_KIND, FRAME_MARK, type Frame } from "./frame.ts";
import { LINK_TYPE } from "./link-type.ts";

const PPP_IPV4 = 0x0021;
const PPP_IPV6 = 0x0057;
/** IEEE 802.2 with the subnetwork access protocol: both access points AA, unnumbered information. */
const SNAP = 0xaaaa03;
/** Below this the field is a length (IEEE 802.3 3.2.6). */
const FIRST_ETHER_TYPE = 0x600;
/** Linux writes 802.2 frames in cooked captures with this as protocol. */
const COOKED_LLC = 4;

/**
 * Decodes a captured frame where it lies: `captured` bytes of `view` from `offset` on, of a frame that had `original`. Never throws for
 * what the frame has in it; nothing is read beyond what was captured.
 */
export function decodeFrame(frame: Frame, view: DataView, offset: number, captured: number, original: number, linkType: number): void {
  frame.reset(view);
  const end = offset + captured;
  const wireEnd = offset + wireLength(captured, original);
  switch (linkType) {
    case LINK_TYPE.ethernet:
      ethernet(frame, view, offset, end, wireEnd);
      return;
    case LINK_TYPE.raw:
    case LINK_TYPE.rawBsd:
    case LINK_TYPE.rawOpenBsd:
    case LINK_TYPE.ipv4:
    case LINK_TYPE.ipv6:
      decodeIp(frame, view, offset, end, wireEnd);
      return;
    case LINK_TYPE.null:
    case LINK_TYPE.loop:
      loopback(frame, view, offset, end, wireEnd);
      return;
    case LINK_TYPE.linuxCooked:
      if (captured < 16) break;
      frame.packetType = view.getUint16(offset);
      if (view.getUint16(offset + 4) === 6) frame.macSource = offset + 6;
      etherType(frame, view, view.getUint16(offset + 14), offset + 16, end, wireEnd);
      return;
    case LINK_TYPE.linuxCooked2:
      if (captured < 20) break;
      frame.packetType = view.getUint8(offset + 10);
      if (view.getUint8(offset + 11) === 6) frame.macSource = offset + 12;
      etherType(frame, view, view.getUint16(offset), offset + 20, end, wireEnd);
      return;
    case LINK_TYPE.wifi:
    case LINK_TYPE.wifiPrism:
    case LINK_TYPE.wifiRadiotap:
    case LINK_TYPE.wifiAvs:
    case LINK_TYPE.wifiPpi:
      frame.kind = FRAME_KIND.wifi;
      return;
    default:
      frame.kind = FRAME_KIND.unsupportedLink;
      return;
  }
  cut(frame);
}

/** No frame is longer, offloaded or not; some captures have left-over memory where the original length should be. */
const MOST_ORIGINAL = 1 << 20;

function wireLength(captured: number, original: number): number {
  return original > captured && original <= MOST_ORIGINAL ? original : captured;
}

function cut(frame: Frame): void {
  frame.kind = FRAME_KIND.malformed;
  frame.marks |= FRAME_MARK.headerCut | FRAME_MARK.cutBySnapLength;
}

function ethernet(frame: Frame, view: DataView, offset: number, end: number, wireEnd: number): void {
  if (end - offset < 14) {
    cut(frame);
    return;
  }
  frame.macDestination = offset;
  frame.macSource = offset + 6;
  etherType(frame, view, view.getUint16(offset + 12), offset + 14, end, wireEnd);
}

function etherType(frame: Frame, view: DataView, type: number, at: number, end: number, wireEnd: number): void {
  if (type === ETHER_TYPE.ipv4 || type === ETHER_TYPE.ipv6) {
    frame.etherType = type;
    decodeIp(frame, view, at, end, wireEnd);
  } else rareEtherType(frame, view, type, at, end, wireEnd);
}

function rareEtherType(frame: Frame, view: DataView, type: number, at: number, end: number, wireEnd: number): void {
  frame.etherType = type;
  switch (type) {
    case ETHER_TYPE.vlan:
    case ETHER_TYPE.qinq:
    case ETHER_TYPE.oldQinq:
    case ETHER_TYPE.olderQinq:
      if (end - at < 4) cut(frame);
      else {
        const tag = view.getUint16(at) & 0xfff;
        if (frame.vlan < 0) frame.vlan = tag;
        else if (frame.innerVlan < 0) frame.innerVlan = tag;
        // A tag takes four bytes, so this ends.
        etherType(frame, view, view.getUint16(at + 2), at + 4, end, wireEnd);
      }
      return;
    case ETHER_TYPE.pppoeSession:
      pppoe(frame, view, at, end, wireEnd);
      return;
    case ETHER_TYPE.arp:
      frame.kind = FRAME_KIND.arp;
      return;
  }
  if (type < FIRST_ETHER_TYPE) frame.etherType = -1;
  // RFC 1042: SNAP with organisation 0 is followed by an EtherType.
  if (
    type >= COOKED_LLC &&
    type < FIRST_ETHER_TYPE &&
    end - at >= 8 &&
    view.getUint32(at) >>> 8 === SNAP &&
    (view.getUint32(at + 2) & 0xffffff) === 0
  ) {
    const inner = view.getUint16(at + 6);
    if (inner >= FIRST_ETHER_TYPE) etherType(frame, view, inner, at + 8, end, wireEnd);
  }
}

/** RFC 2516: version and type, code 0 for a session, identifier, length; then PPP's protocol. */
function pppoe(frame: Frame, view: DataView, at: number, end: number, wireEnd: number): void {
  if (end - at < 8) {
    cut(frame);
    return;
  }
  const protocol = view.getUint16(at + 6);
  if (view.getUint8(at + 1) !== 0 || (protocol !== PPP_IPV4 && protocol !== PPP_IPV6)) return;
  frame.marks |= FRAME_MARK.pppoe;
  decodeIp(frame, view, at + 8, end, wireEnd);
}

const FAMILY_IPV4 = 2;
/** AF_INET6 of Linux, Windows, NetBSD and OpenBSD, FreeBSD, Darwin: the number depends on who captured. */
const FAMILY_IPV6: readonly number[] = [10, 23, 24, 28, 30];

/** The address family is a small number, so its byte order shows. */
function loopback(frame: Frame, view: DataView, offset: number, end: number, wireEnd: number): void {
  if (end - offset < 4) {
    cut(frame);
    return;
  }
  const big = view.getUint32(offset);
  const family = big < 0x10000 ? big : view.getUint32(offset, true);
  if (family === FAMILY_IPV4 || FAMILY_IPV6.includes(family)) decodeIp(frame, view, offset + 4, end, wireEnd);
}
