import { type Received, receiveOnFlow } from "../ale/receive-datagram.ts";
import type { Host } from "../host.ts";
import { sendError } from "../icmp/output.ts";
import { indicate } from "../indicate.ts";
import { discardAtNetwork } from "../ip/input.ts";
import { transportEventOf } from "../ip/packet-event.ts";
import type { UdpIpPacket } from "../packet.ts";

/** A datagram that passed the network layer: to its sockets, or Port Unreachable (WFP-SHIMS 4.4). */
export function receiveDatagram(host: Host, packet: UdpIpPacket): Received {
  const { sourcePort, destinationPort, payload } = packet.datagram;
  const from = { address: packet.source, port: sourcePort };
  const isForMany = host.isForMany(packet.destination);
  const receivers = host.udp.receivers(packet.destination, destinationPort, packet.arrival, isForMany);
  if (receivers.length === 0) {
    noEndpoint(host, packet);
    return "transport";
  }
  let atTransport = true;
  for (const socket of receivers) {
    const { endpoint } = socket;
    if (socket.refuses(from)) {
      // Bound, but connected to somebody else (WFP-SHIMS 4.1).
      const discardReason = { module: "transport", reason: "InetDiscardConnectedPath" } as const;
      indicate(host, "transportDiscard", { direction: "inbound", packet, connection: null, discardReason }, transportEventOf(packet));
    } else {
      const received = receiveOnFlow(host, { packet, endpoint, peer: from }, atTransport);
      if (received === "transport") return "transport";
      if (received === "delivered") socket.deliver(payload, from);
    }
    atTransport = false;
  }
  return "delivered";
}

/**
 * Nobody has the port: the network layer's discard layer, then the ICMP error unless a filter suppresses it (WFP-SHIMS 4.4). Recorded
 * machines drop the datagram at the transport's discard layer before, as they do with TCP (Interpretation.closedUdpPort), but a block
 * there does not keep them from making the error: it has a verdict of its own at OUTBOUND_ICMP_ERROR in the same millisecond. So stealth
 * needs a filter at both, and Windows Firewall has both. Whether INBOUND_TRANSPORT comes first is Interpretation.transportBeforeDiscard.
 */
function noEndpoint(host: Host, packet: UdpIpPacket): void {
  if (host.interpretation.transportBeforeDiscard) {
    if (!indicate(host, "inboundTransport", { direction: "inbound", packet, connection: null }, transportEventOf(packet)).passes) return;
  }
  if (host.interpretation.closedUdpPort === "both-discards") {
    // The reason is TCP's: the recordings do not tell it.
    const discardReason = { module: "transport", reason: "InetDiscardEndpointNotFound" } as const;
    indicate(host, "transportDiscard", { direction: "inbound", packet, connection: null, discardReason }, transportEventOf(packet));
  }
  if (discardAtNetwork(host, packet, { module: "network", reason: "IpDiscardPortUnreachable" })) sendError(host, "portUnreachable", packet);
}
