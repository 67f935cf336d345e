import { CONDITION_FLAG } from "../../model/index.ts";
import type { Host } from "../host.ts";
import { sendError } from "../icmp/output.ts";
import { indicate } from "../indicate.ts";
import { IF_TYPE } from "../interface.ts";
import { sendFrame } from "../mac/mac-frame.ts";
import type { Packet } from "../packet.ts";
import type { DiscardReason } from "./discard.ts";
import { fragmentsOf } from "./fragment.ts";
import { emitDatagram, type IpDatagram } from "./packet-bytes.ts";
import { type Route, routeTo } from "./route.ts";

/**
 * A packet for somebody else: IPFORWARD and nothing else of IP, then the next link (WFP-SHIMS 4.2). Whether the network layers see it
 * too is Interpretation.forwardedTraffic.
 */
export function forward(host: Host, datagram: IpDatagram, packet: Packet): void {
  const both = host.interpretation.forwardedTraffic === "with-ippacket";
  if (both && !indicate(host, "inboundIppacket", { direction: "inbound", packet, connection: null }, "IP datagram").passes) return;
  const route = routeTo(host, packet.destination, null);
  if (route === undefined || route.networkInterface.type === IF_TYPE.loopback) {
    if (discard(host, packet, null, "IpDiscardNoRoute")) sendError(host, "noRoute", packet);
    return;
  }
  if (packet.hopLimit <= 1) {
    if (discard(host, packet, route, "IpDiscardHopLimitExceeded")) sendError(host, "hopLimitExceeded", packet);
    return;
  }
  if (!passes(host, packet, route, 0)) return;
  // A piece is indicated once; with groups switched on the whole group once more when its last piece is here (WFP-SHIMS 4.2).
  const { fragment } = datagram;
  if (fragment !== null && host.groupForwardedFragments && host.forwardedFragments.add({ ...datagram, fragment }) !== null) {
    if (!passes(host, packet, route, CONDITION_FLAG.IS_FRAGMENT_GROUP)) return;
  }
  if (both) {
    const situation = { direction: "outbound", packet, connection: null, nexthop: route.networkInterface } as const;
    if (!indicate(host, "outboundIppacket", situation, "IP datagram").passes) return;
  }
  const { mtu } = route.networkInterface;
  const size = datagram.headerSize + datagram.payload.length;
  if (size > mtu && datagram.dontFragment === true) {
    if (discard(host, packet, route, "IpDiscardDontFragmentMtuExceeded")) sendError(host, "packetTooBig", packet, mtu);
    return;
  }
  if (!sendFrame(host, route.networkInterface, packet, route.nexthop)) return;
  const onward: IpDatagram = { ...datagram, hopLimit: datagram.hopLimit - 1 };
  const pieces = size > mtu ? fragmentsOf(onward, mtu) : [emitDatagram(onward)];
  for (const bytes of pieces) host.network.send(host, route.networkInterface.link, route.nexthop, bytes);
}

function passes(host: Host, packet: Packet, { networkInterface }: Route, flags: number): boolean {
  const situation = { direction: "inbound", packet, connection: null, forwardedBy: networkInterface, flags } as const;
  return indicate(host, "ipforward", situation, "IP datagram").passes;
}

/** What forwarding drops for a reason of its own; false if the stack may not answer. */
function discard(host: Host, packet: Packet, route: Route | null, reason: DiscardReason["reason"]): boolean {
  const situation = {
    direction: "inbound",
    packet,
    connection: null,
    ...(route === null ? {} : { forwardedBy: route.networkInterface }),
    discardReason: { module: "network", reason },
  } as const;
  return indicate(host, "ipforwardDiscard", situation, "IP datagram").passes;
}
