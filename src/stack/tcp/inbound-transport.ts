import type { AleEndpoint } from "../ale/endpoint.ts";
import { indicate } from "../indicate.ts";
import type { IpPacket } from "../packet.ts";
import type { TcpConnection } from "./connection.ts";
import { transportEvent } from "./segment-event.ts";
import type { Tcp } from "./tcp.ts";

/**
 * INBOUND_TRANSPORT of a segment: false if it is dropped there. `aleClassifyRequired` says that AUTH_RECV_ACCEPT comes next, which the
 * segment carries as a flag (WFP-SHIMS 4.3.3).
 */
export function passesInboundTransport(
  tcp: Tcp,
  packet: IpPacket,
  known: {
    readonly connection: TcpConnection | null;
    readonly endpoint: AleEndpoint | null;
    readonly aleClassifyRequired: boolean;
  },
): boolean {
  return indicate(tcp.host, "inboundTransport", { direction: "inbound", packet, ...known }, transportEvent(packet.segment)).passes;
}
