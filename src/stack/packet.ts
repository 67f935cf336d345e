import type { Guid, IpAddress } from "../model/index.ts";
import type { IcmpMessage, UdpPacket as UdpDatagram } from "../wire/index.ts";
import type { NetworkInterface } from "./interface.ts";
import type { TcpSegment } from "./tcp/segment.ts";

/** IP protocol number of TCP. */
export const TCP = 6;

/** What packets of every protocol have. */
export interface IpHeader {
  readonly source: IpAddress;
  readonly destination: IpAddress;
  readonly hopLimit: number;
  /** IP protocol number of what is carried; for IPv6 that of the last header. */
  readonly protocol: number;
  /** Routers must not fragment it; always so for IPv6. */
  readonly dontFragment?: boolean;
  /** IPv4 options or IPv6 extension headers, in bytes. */
  readonly optionsSize?: number;
  /** The callout that injected it (FwpsInject…Async0). */
  readonly injectedBy?: Guid;
  /** The interface it came in by; absent for packets of this host. */
  readonly arrival?: NetworkInterface;
}

/** A packet with a TCP segment. */
export interface IpPacket extends IpHeader {
  readonly segment: TcpSegment;
}

/** A packet with a UDP datagram. */
export interface UdpIpPacket extends IpHeader {
  readonly datagram: UdpDatagram;
}

/** A packet with an ICMP or ICMPv6 message. */
export interface IcmpIpPacket extends IpHeader {
  readonly message: IcmpMessage;
}

/** A packet of another protocol, or a piece of one: what follows the IP header is bytes only. */
export interface OpaqueIpPacket extends IpHeader {
  readonly payload: Uint8Array;
  /** The piece's place, where it is one. */
  readonly fragment?: FragmentPlace;
}

/** Where a fragment stands in the packet it was cut from. */
export interface FragmentPlace {
  readonly identification: number;
  /** In bytes, of the payload. */
  readonly offset: number;
  readonly moreFragments: boolean;
}

/** A packet as hosts handle it; between them it travels as bytes. */
export type Packet = IpPacket | UdpIpPacket | IcmpIpPacket | OpaqueIpPacket;

/** IP protocol numbers that the stack knows (IANA "Assigned Internet Protocol Numbers"). */
export const PROTOCOL = { ICMP: 1, IGMP: 2, TCP, UDP: 17, ICMPV6: 58 } as const;

/** Bytes of the IP header, options and extension headers included. */
export function ipHeaderSize(packet: IpHeader): number {
  return (packet.source.family === 4 ? 20 : 40) + (packet.optionsSize ?? 0);
}
