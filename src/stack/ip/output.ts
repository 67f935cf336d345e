import type { Host } from "../host.ts";
import { indicate } from "../indicate.ts";
import type { IpPacket } from "../packet.ts";
import type { TcpConnection } from "../tcp/connection.ts";
import { networkEvent, transportEvent } from "../tcp/segment-event.ts";
import { routeTo } from "./route.ts";

/**
 * The way down for a segment: OUTBOUND_TRANSPORT, which sits at the top of the network layer, OUTBOUND_IPPACKET, the network
 * (WFP-SHIMS 4.2). What is blocked on it is lost.
 */
export function sendPacket(host: Host, packet: IpPacket, connection: TcpConnection | null): void {
  const { segment } = packet;
  const route = routeTo(host, packet.destination, packet.source);
  if (route === undefined) return;
  const situation = { direction: "outbound", packet, connection, nexthop: route.networkInterface } as const;
  if (!indicate(host, "outboundTransport", situation, transportEvent(segment)).passes) return;
  if (!indicate(host, "outboundIppacket", situation, networkEvent(segment)).passes) return;
  if (route.isLoopback) host.clock.after(0, () => host.receive(packet));
  else host.network.send(host, packet);
}
