import { addressTypeOf, CONDITION_FLAG, REAUTHORIZE_REASON } from "../../model/index.ts";
import type { Host } from "../host.ts";
import { indicate } from "../indicate.ts";
import { transportEventOf } from "../ip/packet-event.ts";
import type { Packet } from "../packet.ts";
import { authorizeInbound } from "./authorize-accept.ts";
import type { AleEndpoint, TransportAddress } from "./endpoint.ts";
import type { AleFlow } from "./flow.ts";
import { isReauthorizationDue, isReauthorized } from "./reauthorize.ts";
import { isEstablished, rawFlag, setLifetime } from "./send-datagram.ts";

/** A packet for an endpoint; what no program waits for is for the kernel's. */
export interface IncomingDatagram {
  readonly packet: Packet;
  readonly endpoint: AleEndpoint;
  readonly peer: TransportAddress;
  readonly icmpType?: number;
  readonly discriminator?: string;
}

/** The flow that a packet belongs to, if any, and whether the packet keeps it alive. */
interface Membership {
  readonly flow: AleFlow | undefined;
  readonly refreshes: boolean;
  readonly reasons: number;
}

/** How far a packet came: dropped at the transport layer, dropped by ALE or at DATAGRAM_DATA, or on to its receiver. */
export type Received = "transport" | "authorization" | "delivered";

/**
 * A packet of a protocol without connections, after INBOUND_IPPACKET: INBOUND_TRANSPORT, AUTH_RECV_ACCEPT and FLOW_ESTABLISHED for the
 * first one of a flow, DATAGRAM_DATA (WFP-SHIMS 4.4). `atTransport`: whether INBOUND_TRANSPORT is still to be
 * indicated.
 */
export function receiveOnFlow(host: Host, incoming: IncomingDatagram, atTransport = true): Received {
  const { packet, endpoint } = incoming;
  const { flow, refreshes, reasons } = membershipOf(host, incoming);
  const traffic = flow === undefined ? null : ({ flow, direction: "inbound", packet, connection: null, reasons } as const);
  const aleClassifyRequired = traffic === null || isReauthorizationDue(host, traffic);
  const flags = endpoint.isRaw ? CONDITION_FLAG.IS_RAW_ENDPOINT : 0;
  const situation = { direction: "inbound", packet, connection: null, endpoint, flow: flow ?? null, flags } as const;
  if (atTransport && !indicate(host, "inboundTransport", { ...situation, aleClassifyRequired }, transportEventOf(packet)).passes) {
    return "transport";
  }
  if (traffic === null) return acceptNew(host, incoming) ? "delivered" : "authorization";
  if (!isReauthorized(host, traffic)) {
    host.flows.remove(traffic.flow);
    return "authorization";
  }
  if (refreshes) host.flows.refresh(traffic.flow);
  return passesDatagramData(host, traffic.flow, packet) ? "delivered" : "authorization";
}

function acceptNew(host: Host, { packet, endpoint, peer, icmpType, discriminator }: IncomingDatagram): boolean {
  const isForMany = host.isForMany(packet.destination);
  const about = { remote: isForMany ? null : peer, lifetime: 0, ...(icmpType === undefined ? {} : { icmpType }) };
  const flow = authorizeInbound(host, endpoint, packet, about);
  if (flow === null) return false;
  setLifetime(flow);
  if (isForMany) host.multicastFlows.set(packet.source.family, flow);
  else host.datagramFlows.add(flow, peer, discriminator);
  endpoint.owesClosure = true;
  if (!isEstablished(host, flow, packet, transportEventOf(packet))) {
    host.flows.remove(flow);
    return false;
  }
  return passesDatagramData(host, flow, packet);
}

function passesDatagramData(host: Host, flow: AleFlow, packet: Packet): boolean {
  const situation = { direction: "inbound", packet, connection: null, endpoint: flow.endpoint, flow, flags: rawFlag(flow) } as const;
  return indicate(host, "datagramData", situation, transportEventOf(packet)).passes;
}

/**
 * All inbound multicast and broadcast is one flow, which further packets may have to be asked about (Interpretation.sharedFlow); what
 * was sent to many, or with loose source mapping, admits answers from others (WFP-SHIMS 4.4.3, 4.5).
 */
function membershipOf(host: Host, { packet, endpoint, peer, discriminator }: IncomingDatagram): Membership {
  if (host.isForMany(packet.destination)) {
    const shared = host.multicastFlows.get(packet.source.family);
    const flow = shared !== undefined && host.flows.has(shared) ? shared : undefined;
    const asksAgain = host.interpretation.sharedFlow === "every-packet";
    return { flow, refreshes: true, reasons: asksAgain ? REAUTHORIZE_REASON.NEW_INBOUND_MCAST_BCAST_PACKET : 0 };
  }
  const own = host.datagramFlows.find(endpoint, peer, discriminator);
  if (own !== undefined) return { flow: own, refreshes: true, reasons: 0 };
  const admitting = host.datagramFlows.of(endpoint).find(admitsStrangers);
  // Only what this host sends refreshes a flow to many.
  return { flow: admitting, refreshes: false, reasons: 0 };
}

function admitsStrangers({ createdAt, remote, options }: AleFlow): boolean {
  if (createdAt !== "AUTH_CONNECT" || remote === null) return false;
  const isForMany = addressTypeOf(remote.address) !== "unicast";
  return isForMany ? options.multicastState !== "deny" : options.looseSourceMapping;
}
