import type { Received } from "../ale/receive-datagram.ts";
import type { Host } from "../host.ts";
import { indicate } from "../indicate.ts";
import { transportEventOf } from "../ip/packet-event.ts";
import { type IcmpIpPacket, PROTOCOL } from "../packet.ts";
import type { QuotedPacket } from "../situation.ts";
import { destinationUnreachable, pathMtuReported } from "../tcp/icmp-reports.ts";
import type { EchoResult } from "./echo.ts";
import { quotedPacket } from "./quoted-packet.ts";

/** What an error says, whatever the IP version. */
type Meaning = "unreachable" | "port" | "protocol" | "too-big" | "hop-limit" | "other";

/**
 * An ICMP error received: INBOUND_TRANSPORT, then INBOUND_ICMP_ERROR, whose EMBEDDED fields describe the packet it quotes. A block drops
 * it before the transport sees it (WFP-SHIMS 4.4.1).
 */
export function receiveError(host: Host, packet: IcmpIpPacket): Received {
  const situation = { direction: "inbound", packet, connection: null } as const;
  if (!indicate(host, "inboundTransport", situation, transportEventOf(packet)).passes) return "transport";
  const quoted = quotedPacket(packet.message.body);
  const told = quoted === null ? situation : { ...situation, quoted };
  if (!indicate(host, "inboundIcmpError", told, transportEventOf(packet)).passes) return "authorization";
  if (quoted !== null) report(host, packet, quoted);
  return "delivered";
}

/** Tells the transport whose packet it was. */
function report(host: Host, { protocol, message }: IcmpIpPacket, quoted: QuotedPacket): void {
  const meaning = meaningOf(protocol, message.type, message.code);
  const { local, remote, localPort, remotePort } = quoted;
  if (quoted.protocol === PROTOCOL.TCP && localPort !== null && remotePort !== null) {
    const tuple = { local, localPort, remote, remotePort };
    if (meaning === "too-big")
      pathMtuReported(host.tcp, tuple, protocol === PROTOCOL.ICMP ? message.parameter & 0xffff : message.parameter);
    else if (meaning !== "other") destinationUnreachable(host.tcp, tuple, meaning);
  } else if (quoted.protocol === PROTOCOL.UDP && localPort !== null) {
    // Winsock tells UDP programs of Port Unreachable by WSAECONNRESET, of hop limits by WSAENETRESET, of nothing else.
    if (meaning === "port") for (const socket of host.udp.receivers(local, localPort, undefined, false)) socket.failed("WSAECONNRESET");
  } else if (quoted.identifier !== undefined) {
    host.icmp.waiting(quoted.identifier)?.operation.complete(ECHO_RESULT[meaning]);
  }
}

const ECHO_RESULT: Readonly<Record<Meaning, EchoResult>> = {
  unreachable: "IP_DEST_HOST_UNREACHABLE",
  port: "IP_DEST_PORT_UNREACHABLE",
  protocol: "IP_DEST_PROT_UNREACHABLE",
  "too-big": "IP_PACKET_TOO_BIG",
  "hop-limit": "IP_TTL_EXPIRED_TRANSIT",
  other: "IP_GENERAL_FAILURE",
};

function meaningOf(protocol: number, type: number, code: number): Meaning {
  if (protocol === PROTOCOL.ICMP) {
    if (type === 11) return "hop-limit";
    if (type !== 3) return "other";
    return code === 3 ? "port" : code === 2 ? "protocol" : code === 4 ? "too-big" : "unreachable";
  }
  if (type === 2) return "too-big";
  if (type === 3) return "hop-limit";
  if (type === 4) return code === 1 ? "protocol" : "other";
  return code === 4 ? "port" : "unreachable";
}
