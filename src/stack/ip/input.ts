import type { Host } from "../host.ts";
import { indicate } from "../indicate.ts";
import type { IpPacket } from "../packet.ts";
import { receiveSegment } from "../tcp/input.ts";
import { networkEvent } from "../tcp/segment-event.ts";

/** The way up for a packet that is for this host: INBOUND_IPPACKET, then its transport (WFP-SHIMS 4.2). */
export function receivePacket(host: Host, packet: IpPacket): void {
  const event = networkEvent(packet.segment);
  if (!indicate(host, "inboundIppacket", { direction: "inbound", packet, connection: null }, event).passes) return;
  receiveSegment(host.tcp, packet);
}
