import {
  emitIcmp,
  emitIcmpv6,
  emitIpv4Packet,
  emitIpv6Packet,
  emitUdpPacket,
  IcmpView,
  Icmpv6View,
  Ipv4View,
  Ipv6View,
  UdpView,
  upperLayer,
  WireError,
} from "../../wire/index.ts";
import { bytesOf } from "../interface.ts";
import { type FragmentPlace, type IpHeader, type Packet, PROTOCOL } from "../packet.ts";
import { emitSegment, parseSegment } from "../tcp/segment-bytes.ts";
import type { DiscardReason } from "./discard.ts";
import { pseudoHeader } from "./pseudo-header.ts";

const FRAGMENT_HEADER = 8;
const NO_OPTIONS = new Uint8Array(0);

/** An IP packet whose header is read and whose payload is not. */
export interface IpDatagram extends IpHeader {
  /** What follows the IP header and extension headers. */
  readonly payload: Uint8Array;
  /** null for a whole packet. */
  readonly fragment: FragmentPlace | null;
  readonly identification: number;
  /** Bytes of the header with its options or extension headers. */
  readonly headerSize: number;
}

/** A datagram, or why the network layer drops the bytes. */
export type ParsedDatagram =
  | { readonly datagram: IpDatagram; readonly problem?: undefined }
  | { readonly datagram?: undefined; readonly problem: DiscardReason };

/** The IP packet in `bytes`; checksums of IPv4 headers are checked. */
export function parseDatagram(bytes: Uint8Array): ParsedDatagram {
  try {
    return (bytes[0] ?? 0) >>> 4 === 6 ? { datagram: parseV6(bytes) } : parseV4(bytes);
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    return { problem: { module: "network", reason: "IpDiscardMalformedHeader" } };
  }
}

function parseV4(bytes: Uint8Array): ParsedDatagram {
  const view = Ipv4View.checked(bytes);
  if (!view.isChecksumValid()) return { problem: { module: "transport", reason: "InetDiscardChecksumInvalid" } };
  const { identification, fragmentOffset, moreFragments, headerLength, dontFragment } = view;
  return {
    datagram: {
      source: { family: 4, value: view.source },
      destination: { family: 4, value: view.destination },
      hopLimit: view.timeToLive,
      protocol: view.protocol,
      dontFragment,
      ...(headerLength > 20 ? { optionsSize: headerLength - 20 } : {}),
      payload: view.payload,
      fragment: fragmentOffset > 0 || moreFragments ? { identification, offset: fragmentOffset, moreFragments } : null,
      identification,
      headerSize: headerLength,
    },
  };
}

function parseV6(bytes: Uint8Array): IpDatagram {
  const view = Ipv6View.checked(bytes);
  const { protocol, payload, fragment } = upperLayer(view);
  const headerSize = view.bytes.length - payload.length;
  return {
    source: { family: 6, bytes: view.source.slice() },
    destination: { family: 6, bytes: view.destination.slice() },
    hopLimit: view.hopLimit,
    protocol,
    dontFragment: true,
    ...(headerSize > 40 ? { optionsSize: headerSize - 40 } : {}),
    payload,
    fragment,
    identification: fragment?.identification ?? 0,
    headerSize,
  };
}

/** The bytes of an IP packet; an IPv6 one gets a fragment header if it is a piece. @throws WireError if it does not fit. */
export function emitDatagram(datagram: Omit<IpDatagram, "headerSize">): Uint8Array {
  const { source, destination, payload, fragment, hopLimit, protocol, identification } = datagram;
  if (source.family === 4 && destination.family === 4) {
    return emitIpv4Packet({
      dscp: 0,
      ecn: 0,
      identification,
      dontFragment: datagram.dontFragment === true,
      moreFragments: fragment?.moreFragments ?? false,
      fragmentOffset: fragment?.offset ?? 0,
      timeToLive: hopLimit,
      protocol,
      source: source.value,
      destination: destination.value,
      options: NO_OPTIONS,
      payload,
    });
  }
  return emitIpv6Packet({
    trafficClass: 0,
    flowLabel: 0,
    nextHeader: fragment === null ? protocol : 44,
    hopLimit,
    source: bytesOf(source),
    destination: bytesOf(destination),
    payload: fragment === null ? payload : withFragmentHeader(protocol, fragment, payload),
  });
}

/** RFC 8200 4.5. */
function withFragmentHeader(nextHeader: number, { identification, offset, moreFragments }: FragmentPlace, payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(FRAGMENT_HEADER + payload.length);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, nextHeader);
  view.setUint16(2, offset | (moreFragments ? 1 : 0));
  view.setUint32(4, identification);
  bytes.set(payload, FRAGMENT_HEADER);
  return bytes;
}

/** What a packet carries as bytes, transport checksum included. */
export function payloadOf(packet: Packet): Uint8Array {
  if ("segment" in packet) return emitSegment(packet.segment, packet.source, packet.destination);
  if ("datagram" in packet) return emitUdpPacket(packet.datagram, pseudoHeader(packet));
  if ("message" in packet) {
    return packet.protocol === PROTOCOL.ICMPV6 ? emitIcmpv6(packet.message, pseudoHeader(packet)) : emitIcmp(packet.message);
  }
  return packet.payload;
}

/** The packet as one datagram, however long. */
export function datagramOf(packet: Packet, identification: number): IpDatagram {
  const { source, destination, hopLimit, protocol, dontFragment } = packet;
  const fragment = "payload" in packet ? (packet.fragment ?? null) : null;
  return {
    source,
    destination,
    hopLimit,
    protocol,
    ...(dontFragment === undefined ? {} : { dontFragment }),
    payload: payloadOf(packet),
    fragment,
    // The pieces of a datagram keep theirs.
    identification: fragment?.identification ?? identification,
    headerSize: source.family === 4 ? 20 : 40,
  };
}

/** A packet with its transport read, or why its transport drops it; `packet` is then opaque. */
export interface ParsedTransport {
  readonly packet: Packet;
  readonly problem?: DiscardReason;
}

const HEADER_INVALID: DiscardReason = { module: "transport", reason: "InetDiscardHeaderInvalid" };
const CHECKSUM_INVALID: DiscardReason = { module: "transport", reason: "InetDiscardChecksumInvalid" };

/** Reads the transport of a whole datagram. Fragments and unknown protocols stay opaque. */
export function parseTransport(datagram: IpDatagram): ParsedTransport {
  const { source, destination, hopLimit, protocol, payload, dontFragment, optionsSize, fragment } = datagram;
  const header: IpHeader = {
    source,
    destination,
    hopLimit,
    protocol,
    ...(dontFragment === true ? { dontFragment } : {}),
    ...(optionsSize === undefined ? {} : { optionsSize }),
  };
  const opaque: Packet = { ...header, payload, ...(fragment === null ? {} : { fragment }) };
  if (fragment !== null) return { packet: opaque };
  try {
    switch (protocol) {
      case PROTOCOL.TCP: {
        const segment = parseSegment(payload, source, destination);
        return segment === undefined ? { packet: opaque, problem: CHECKSUM_INVALID } : { packet: { ...header, segment } };
      }
      case PROTOCOL.UDP: {
        const view = UdpView.checked(payload);
        if (!view.isChecksumValid(pseudoHeader(header))) return { packet: opaque, problem: CHECKSUM_INVALID };
        const { sourcePort, destinationPort } = view;
        return { packet: { ...header, datagram: { sourcePort, destinationPort, payload: view.payload } } };
      }
      case PROTOCOL.ICMP: {
        const view = IcmpView.checked(payload);
        return view.isChecksumValid() ? { packet: { ...header, message: view.message } } : { packet: opaque, problem: CHECKSUM_INVALID };
      }
      case PROTOCOL.ICMPV6: {
        const view = Icmpv6View.checked(payload);
        if (!view.isChecksumValid(pseudoHeader(header))) return { packet: opaque, problem: CHECKSUM_INVALID };
        return { packet: { ...header, message: view.message } };
      }
      default:
        return { packet: opaque };
    }
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    return { packet: opaque, problem: HEADER_INVALID };
  }
}
