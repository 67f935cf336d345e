import { type IpAddress, parseAddress } from "../../../model/index.ts";
import {
  emitIcmp,
  emitIcmpv6,
  emitIpv4Packet,
  emitIpv6Packet,
  emitTcpPacket,
  emitUdpPacket,
  IP_PROTOCOL,
  type PseudoHeader,
  TCP_FLAG,
} from "../../../wire/index.ts";
import type { QuotedPacket, SeenPacket } from "./seen-packet.ts";

const HOP_LIMIT = 64;
const NOTHING = new Uint8Array(0);

/**
 * A packet as a host gets to see it: the headers that were captured, without what it carried. Filters do not look at that, and captures
 * have cut packets, and checksums that a network card had yet to write.
 */
export function packetBytes(packet: SeenPacket): Uint8Array {
  const source = parseAddress(packet.source);
  const destination = parseAddress(packet.destination);
  return ipPacket(source, destination, packet.protocol, transportBytes(packet, pseudoHeader(source, destination)));
}

function transportBytes(packet: SeenPacket, pseudo: PseudoHeader): Uint8Array {
  const { protocol, sourcePort, destinationPort, tcpFlags, sequence, acknowledgment, icmp, about } = packet;
  switch (protocol) {
    case IP_PROTOCOL.tcp: {
      const has = (flag: number): boolean => (tcpFlags & flag) !== 0;
      const flags = {
        fin: has(TCP_FLAG.fin),
        syn: has(TCP_FLAG.syn),
        rst: has(TCP_FLAG.rst),
        psh: has(TCP_FLAG.psh),
        ack: has(TCP_FLAG.ack),
        urg: has(TCP_FLAG.urg),
        ece: has(TCP_FLAG.ece),
        cwr: has(TCP_FLAG.cwr),
      };
      const segment = {
        sourcePort,
        destinationPort,
        sequence,
        acknowledgment,
        flags,
        window: 0xffff,
        urgentPointer: 0,
        options: [],
        payload: NOTHING,
      };
      return emitTcpPacket(segment, pseudo);
    }
    case IP_PROTOCOL.udp:
      return emitUdpPacket({ sourcePort, destinationPort, payload: NOTHING }, pseudo);
    case IP_PROTOCOL.icmp:
    case IP_PROTOCOL.icmpv6: {
      const message = {
        type: icmp?.type ?? 0,
        code: icmp?.code ?? 0,
        parameter: icmp?.parameter ?? 0,
        body: about === null ? NOTHING : quotedBytes(about),
      };
      return protocol === IP_PROTOCOL.icmp ? emitIcmp(message) : emitIcmpv6(message, pseudo);
    }
    default:
      return NOTHING;
  }
}

/** The IP header and the first bytes of the transport's, as an error has to quote at least (RFC 792). */
function quotedBytes({ protocol, source, destination, sourcePort, destinationPort }: QuotedPacket): Uint8Array {
  const transport = new Uint8Array(8);
  const view = new DataView(transport.buffer);
  view.setUint16(0, sourcePort);
  view.setUint16(2, destinationPort);
  return ipPacket(parseAddress(source), parseAddress(destination), protocol, transport);
}

function ipPacket(source: IpAddress, destination: IpAddress, protocol: number, payload: Uint8Array): Uint8Array {
  if (source.family === 4 && destination.family === 4) {
    return emitIpv4Packet({
      dscp: 0,
      ecn: 0,
      identification: 0,
      dontFragment: true,
      moreFragments: false,
      fragmentOffset: 0,
      timeToLive: HOP_LIMIT,
      protocol,
      source: source.value,
      destination: destination.value,
      options: NOTHING,
      payload,
    });
  }
  const header = { trafficClass: 0, flowLabel: 0, nextHeader: protocol, hopLimit: HOP_LIMIT, payload };
  return emitIpv6Packet({ ...header, source: addressBytes(source), destination: addressBytes(destination) });
}

function pseudoHeader(source: IpAddress, destination: IpAddress): PseudoHeader {
  return source.family === 4 && destination.family === 4
    ? { family: 4, source: source.value, destination: destination.value }
    : { family: 6, source: addressBytes(source), destination: addressBytes(destination) };
}

function addressBytes(address: IpAddress): Uint8Array {
  if (address.family === 6) return address.bytes;
  const { value } = address;
  return Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value);
}
