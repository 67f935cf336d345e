/** Bytes ↔ values. Each protocol has a checked view of bytes, a plain value, and `parse…` and `emit…` between the two. */

export { CaptureCopy } from "./capture/capture-copy.ts";
export type { CaptureBlock, CaptureHandler, CaptureInterface, CaptureProblem, NameRecord } from "./capture/capture-handler.ts";
export { CAPTURE_CHUNK, CaptureReader } from "./capture/capture-reader.ts";
export { decodeFrame } from "./capture/decode-frame.ts";
export { FLOW_KEY_WORDS, FlowKey } from "./capture/flow-key.ts";
export {
  EXTENSION,
  FRAME_KIND,
  FRAME_MARK,
  Frame,
  type FrameKind,
  IP_PROTOCOL,
  TCP_FLAG,
  TUNNEL,
  type Tunnel,
} from "./capture/frame.ts";
export { type ChecksumState, type FrameChecksums, frameChecksums } from "./capture/frame-checksums.ts";
export { LINK_TYPE } from "./capture/link-type.ts";
export type { PacketBatch } from "./capture/packet-batch.ts";
export { packetComments, packetDirection } from "./capture/packet-options.ts";
export { type NewInterface, type NewPacket, PcapngWriter, type SectionOptions } from "./capture/pcapng-writer.ts";
export { internetChecksum, onesComplementSum } from "./checksum.ts";
export { ETHER_TYPE } from "./ethernet.ts";
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
