import { CONDITION_FLAG } from "../../model/index.ts";
import type { AleEndpoint } from "../ale/endpoint.ts";
import type { AleFlow } from "../ale/flow.ts";
import type { Host } from "../host.ts";
import { indicate } from "../indicate.ts";
import { sendFrame } from "../mac/mac-frame.ts";
import type { Packet } from "../packet.ts";
import type { Situation } from "../situation.ts";
import type { TcpConnection } from "../tcp/connection.ts";
import { fragmentsOf } from "./fragment.ts";
import { datagramOf } from "./packet-bytes.ts";
import { networkEventOf, transportEventOf } from "./packet-event.ts";
import { type Route, routeTo } from "./route.ts";

/** Whose packet it is; null or absent for the stack's own. */
export interface Sender {
  readonly connection?: TcpConnection | null;
  readonly endpoint?: AleEndpoint | null;
  readonly flow?: AleFlow | null;
  /** Bits of CONDITION_FLAG at the transport layer, e.g. IS_RAW_ENDPOINT. */
  readonly flags?: number;
}

/** What became of a packet; "blocked" at one of the layers, "too-big" if it may not be cut. */
export type Sent = "sent" | "blocked" | "no-route" | "too-big";

/**
 * The way down for a packet: OUTBOUND_TRANSPORT, which sits at the top of the network layer, OUTBOUND_IPPACKET, fragmentation, the
 * network (WFP-SHIMS 4.2). What is blocked on it is lost. `from`: where a packet that a callout injects enters.
 */
export function sendIp(host: Host, packet: Packet, sender: Sender = {}, from: "transport" | "network" = "transport"): Sent {
  const route = routeTo(host, packet.destination, packet.source);
  if (route === undefined) return "no-route";
  const { connection = null, endpoint = null, flow = null, flags = 0 } = sender;
  const situation = { direction: "outbound", packet, connection, endpoint, flow, nexthop: route.networkInterface, flags } as const;
  if (from === "transport" && !passesTransport(host, situation, packet)) return "blocked";
  if (!indicate(host, "outboundIppacket", situation, networkEventOf(packet)).passes) return "blocked";
  if (route.isWeak && !passesForward(host, packet, route)) return "blocked";
  return transmit(host, packet, route);
}

function passesTransport(host: Host, situation: Situation, packet: Packet): boolean {
  const event = transportEventOf(packet);
  if ("segment" in packet && !indicate(host, "streamPacket", situation, event).passes) return false;
  return indicate(host, "outboundTransport", situation, event).passes;
}

/** Hands a packet to its link without asking anybody. */
export function sendOnLink(host: Host, packet: Packet): void {
  const route = routeTo(host, packet.destination, null);
  if (route !== undefined) transmit(host, packet, route);
}

/** A segment of TCP. */
export function sendPacket(host: Host, packet: Packet, connection: TcpConnection | null): void {
  sendIp(host, packet, { connection });
}

/** A packet with another interface's address passes IPFORWARD too (WFP-SHIMS 4.2, weak host). */
function passesForward(host: Host, packet: Packet, { networkInterface }: Route): boolean {
  const flags = CONDITION_FLAG.IS_OUTBOUND_PASS_THRU;
  const situation = { direction: "outbound", packet, connection: null, forwardedBy: networkInterface, flags } as const;
  return indicate(host, "ipforward", situation, "IP datagram").passes;
}

/** Hands a packet that passed all layers of IP to the link, cut to size; outbound pieces are not indicated (WFP-SHIMS 4.2). */
export function transmit(host: Host, packet: Packet, route: Route): Sent {
  const datagram = datagramOf(packet, host.nextIdentification());
  const { mtu } = route.networkInterface;
  if (datagram.headerSize + datagram.payload.length > mtu && packet.dontFragment === true && packet.source.family === 4) return "too-big";
  const pieces = fragmentsOf(datagram, mtu);
  for (const bytes of pieces) {
    if (route.isLoopback) host.clock.after(0, () => host.receive(route.networkInterface, bytes));
    else if (sendFrame(host, route.networkInterface, packet, route.nexthop)) {
      host.network.send(host, route.networkInterface.link, route.nexthop, bytes);
    }
  }
  return "sent";
}
