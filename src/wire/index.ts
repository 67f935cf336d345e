/** Bytes ↔ values. Each protocol has a checked view of bytes, a plain value, and `parse…` and `emit…` between the two. */

export { internetChecksum, onesComplementSum } from "./checksum.ts";
export { emitIcmp, IcmpView, parseIcmp } from "./icmp.ts";
export { echoParameter, type IcmpMessage } from "./icmp-message.ts";
export { emitIcmpv6, Icmpv6View, parseIcmpv6 } from "./icmpv6.ts";
export { emitIpv4Packet, type Ipv4Packet, Ipv4View, parseIpv4Packet } from "./ipv4.ts";
export { emitIpv6Packet, type Ipv6Packet, Ipv6View, parseIpv6Packet } from "./ipv6.ts";
export { type Ipv6Fragment, type UpperLayer, upperLayer } from "./ipv6-extension.ts";
export { type PseudoHeader, pseudoHeaderSum } from "./pseudo-header.ts";
export { emitTcpPacket, parseTcpPacket, type TcpControlBits, type TcpPacket, TcpView } from "./tcp.ts";
export { emitTcpOptions, parseTcpOptions, type TcpOption } from "./tcp-options.ts";
export { emitUdpPacket, parseUdpPacket, type UdpPacket, UdpView } from "./udp.ts";
export { WireError } from "./wire-error.ts";
