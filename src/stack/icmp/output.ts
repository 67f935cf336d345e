import type { Host } from "../host.ts";
import { indicate } from "../indicate.ts";
import { sendIp } from "../ip/output.ts";
import { datagramOf, emitDatagram } from "../ip/packet-bytes.ts";
import { transportEventOf } from "../ip/packet-event.ts";
import { routeTo } from "../ip/route.ts";
import type { Packet } from "../packet.ts";
import { type IcmpErrorName, icmpError, isIcmpError } from "./errors.ts";

/**
 * Answers a packet with an ICMP error: OUTBOUND_ICMP_ERROR, then the way of every packet (WFP-SHIMS 4.4.1). Never about an error, nor
 * about what was sent to many (RFC 1122 3.2.2, RFC 4443 2.4 e).
 */
export function sendError(host: Host, name: IcmpErrorName, about: Packet, parameter = 0): void {
  if ("message" in about && isIcmpError(about.protocol, about.message.type)) return;
  if (host.isForMany(about.destination)) return;
  const source = host.owns(about.destination) ? about.destination : (routeTo(host, about.source, null)?.source ?? null);
  if (source === null) return;
  const quoted = emitDatagram(datagramOf(about, 0));
  const packet = icmpError(name, { source, destination: about.source, quoted }, parameter);
  const route = routeTo(host, packet.destination, packet.source);
  if (route === undefined) return;
  const situation = { direction: "outbound", packet, connection: null, nexthop: route.networkInterface } as const;
  if (indicate(host, "outboundIcmpError", situation, transportEventOf(packet)).passes) sendIp(host, packet);
}
