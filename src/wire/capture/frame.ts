/** What a captured frame turned out to be. */
export const FRAME_KIND = {
  /** The link type is not known. */
  unsupportedLink: 0,
  /** Not even the IP header can be read: cut before its end, or its lengths cannot be. */
  malformed: 1,
  /** Something without IP, such as LLDP; `etherType` has it. */
  notIp: 2,
  arp: 3,
  /** 802.11 as it is on the air; nothing in it is decoded. */
  wifi: 4,
  ipv4: 5,
  ipv6: 6,
} as const;

export type FrameKind = (typeof FRAME_KIND)[keyof typeof FRAME_KIND];

/** Bits of {@link Frame.marks}. */
export const FRAME_MARK = {
  /** The capture has less of the IP packet than was sent. */
  cutBySnapLength: 1,
  /** The IP header has no length, because segmentation was left to the network card; lengths come from the capture. */
  offloadedLength: 2,
  /** So much was cut that the transport header is not whole: fields beyond `end` are 0, and ports -1 unless they are there. */
  headerCut: 4,
  /** A length in a header cannot be; what it speaks of is not decoded. */
  badLength: 8,
  /** The frame is longer than its IP packet: Ethernet's padding, or a trailer. */
  padded: 16,
  /** The IP packet came in a PPPoE session. */
  pppoe: 32,
  /** An authentication header was passed. */
  authenticated: 64,
} as const;

/** Bits of {@link Frame.extensions}: IPv6 extension headers that were passed, the authentication header of IPv4 too. */
export const EXTENSION = {
  hopByHop: 1,
  routing: 2,
  fragment: 4,
  destinationOptions: 8,
  authentication: 16,
  mobility: 32,
  hip: 64,
  shim6: 128,
} as const;

/** What an IP packet carries that is another packet; the outer packet is the one decoded, since it is the host's. */
export const TUNNEL = {
  none: 0,
  /** IPv4 in IPv4 (RFC 2003) or in IPv6 (RFC 2473). */
  ipInIp: 1,
  /** IPv6 in IPv4 (RFC 4213) or in IPv6. */
  ipv6InIp: 2,
  gre: 3,
  esp: 4,
  /** ESP in UDP (RFC 3948). */
  udpEsp: 5,
  vxlan: 6,
  geneve: 7,
  /** RFC 4380. */
  teredo: 8,
  gtpU: 9,
  /** Version 2 over UDP or 3 over IP. */
  l2tp: 10,
  etherIp: 11,
} as const;

export type Tunnel = (typeof TUNNEL)[keyof typeof TUNNEL];

/** Bits of {@link Frame.tcpFlags}. */
export const TCP_FLAG = { fin: 1, syn: 2, rst: 4, psh: 8, ack: 16, urg: 32, ece: 64, cwr: 128 } as const;

/** Protocol numbers with a meaning here. */
export const IP_PROTOCOL = {
  hopByHop: 0,
  icmp: 1,
  igmp: 2,
  ipv4: 4,
  tcp: 6,
  udp: 17,
  dccp: 33,
  ipv6: 41,
  routing: 43,
  fragment: 44,
  gre: 47,
  esp: 50,
  ah: 51,
  icmpv6: 58,
  noNext: 59,
  destinationOptions: 60,
  ipIp: 94,
  etherIp: 97,
  l2tp: 115,
  sctp: 132,
  mobility: 135,
  udpLite: 136,
  hip: 139,
  shim6: 140,
} as const;

/** No number below 2^31 may be the first value: V8 would choose small integers for the field and change its mind in the middle of the work. */
const UINT32 = 0xffff_ffff;

/**
 * A decoded frame, filled by {@link decodeFrame} and reused. Places are offsets into `view`; -1 stands for "not there". Lengths are those
 * on the wire, whatever of it was captured. Multi-byte values are in host order.
 */
export class Frame {
  view: DataView = new DataView(new ArrayBuffer(0));
  kind: FrameKind = FRAME_KIND.unsupportedLink;
  /** Bits of {@link FRAME_MARK}. */
  marks = 0;

  /** -1 where the link layer has none. */
  etherType = -1;
  /** VLAN identifier of the outermost tag. */
  vlan = -1;
  /** Of the tag within, with QinQ. */
  innerVlan = -1;
  macSource = -1;
  macDestination = -1;
  /** Of Linux cooked captures: 0 to this host, 1 broadcast, 2 multicast, 3 to another host, 4 sent by this host. */
  packetType = -1;

  /** 4, 6, or 0 where there is no IP. */
  family = 0;
  /** Of the IP header. */
  ip = -1;
  /** Bytes of the IP packet. */
  ipLength = 0;
  /** Behind the last captured byte of the IP packet. */
  end = 0;
  /** Of the addresses, 4 or 16 bytes. */
  source = -1;
  destination = -1;
  /** Time to live or hop limit. */
  ttl = 0;
  /** Type of service or traffic class. */
  trafficClass = 0;
  /** Of what follows the last header passed; what a fragment is part of, too. A mobility, HIP or shim6 header with nothing behind it counts. */
  protocol = -1;
  /** Bits of {@link EXTENSION}. */
  extensions = 0;
  isFragment = false;
  /** In bytes. */
  fragmentOffset = 0;
  moreFragments = false;
  fragmentId = UINT32;

  /** Of the transport header; -1 in later fragments and where none of it was captured. */
  transport = -1;
  /** Bytes of transport header and payload, in this fragment. */
  transportLength = 0;
  /** TCP, UDP, UDP-Lite, SCTP, DCCP. */
  sourcePort = -1;
  destinationPort = -1;
  sequence = UINT32;
  acknowledgment = UINT32;
  /** Bits of {@link TCP_FLAG}. */
  tcpFlags = 0;
  /** As it stands in the header. */
  window = 0;
  /** Of the TCP options, and how many bytes of them were captured. */
  options = -1;
  optionsLength = 0;
  /** Of ICMP, ICMPv6 and IGMP; -1 otherwise. The code of IGMP is its maximum response time. */
  icmpType = -1;
  icmpCode = -1;
  /** Bytes 4 to 7 of ICMP: identifier and sequence of an echo, MTU…; the group of IGMP. */
  icmpParameter = UINT32;
  /** Of the packet that an ICMP error is about, and how many bytes of it were captured. */
  quoted = -1;
  quotedLength = 0;
  /** Security parameters index of ESP or of the authentication header. */
  spi = UINT32;
  tunnel: Tunnel = TUNNEL.none;

  /** Behind all headers that are decoded; -1 where that was not captured. */
  payload = -1;
  payloadLength = 0;
  payloadCaptured = 0;

  reset(view: DataView): void {
    this.view = view;
    this.kind = FRAME_KIND.notIp;
    this.marks = 0;
    this.etherType = -1;
    this.vlan = -1;
    this.innerVlan = -1;
    this.macSource = -1;
    this.macDestination = -1;
    this.packetType = -1;
    this.family = 0;
    this.ip = -1;
    this.ipLength = 0;
    this.end = 0;
    this.source = -1;
    this.destination = -1;
    this.ttl = 0;
    this.trafficClass = 0;
    this.protocol = -1;
    this.extensions = 0;
    this.isFragment = false;
    this.fragmentOffset = 0;
    this.moreFragments = false;
    this.fragmentId = 0;
    this.transport = -1;
    this.transportLength = 0;
    this.sourcePort = -1;
    this.destinationPort = -1;
    this.sequence = 0;
    this.acknowledgment = 0;
    this.tcpFlags = 0;
    this.window = 0;
    this.options = -1;
    this.optionsLength = 0;
    this.icmpType = -1;
    this.icmpCode = -1;
    this.icmpParameter = 0;
    this.quoted = -1;
    this.quotedLength = 0;
    this.spi = 0;
    this.tunnel = TUNNEL.none;
    this.payload = -1;
    this.payloadLength = 0;
    this.payloadCaptured = 0;
  }
}
