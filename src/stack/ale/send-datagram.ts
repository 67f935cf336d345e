import { addressTypeOf, CONDITION_FLAG, type EventName, type IpAddress } from "../../model/index.ts";
import type { Host } from "../host.ts";
import { indicate } from "../indicate.ts";
import { sendIp } from "../ip/output.ts";
import { transportEventOf } from "../ip/packet-event.ts";
import { routeTo } from "../ip/route.ts";
import type { Packet } from "../packet.ts";
import type { SocketResult } from "../winsock-error.ts";
import { authorizeConnect } from "./authorize-connect.ts";
import type { AleEndpoint, TransportAddress } from "./endpoint.ts";
import type { AleFlow } from "./flow.ts";
import { isReauthorized } from "./reauthorize.ts";

/** A datagram, or a message of another protocol without connections, on its way out. */
export interface OutgoingDatagram {
  readonly endpoint: AleEndpoint;
  readonly target: TransportAddress;
  /** "sendto" for a socket's call, the message's own name for the stack's. */
  readonly event: EventName;
  /** The packet once addresses are known. */
  packet(local: IpAddress, remote: TransportAddress): Packet;
  /** Traffic of the stack itself, e.g. an echo request: no redirect layer. */
  readonly skipRedirect?: boolean;
  readonly icmpType?: number;
  /** What keeps flows of one peer apart beyond address and port: ICMP type, code and id. */
  readonly discriminator?: string;
}

/**
 * Sends a datagram: CONNECT_REDIRECT, AUTH_CONNECT and FLOW_ESTABLISHED for the first one to a peer, DATAGRAM_DATA for each, then the way
 * of every packet (WFP-SHIMS 4.4). The program hears nothing of most blocks: a datagram may get lost anyway.
 */
export function sendDatagram(host: Host, outgoing: OutgoingDatagram, done: (result: SocketResult) => void): void {
  const { endpoint, target, discriminator } = outgoing;
  const flow = host.datagramFlows.find(endpoint, target, discriminator);
  if (flow !== undefined && flow.remote !== null) {
    const local = routeTo(host, flow.remote.address, endpoint.localAddress)?.source ?? flow.local;
    const packet = outgoing.packet(local, flow.remote);
    if (isReauthorized(host, { flow, direction: "outbound", packet, connection: null, reasons: 0 })) {
      done(sendOn(host, flow, packet));
      return;
    }
    // The flow is gone: later datagrams are judged as new ones (WFP-SHIMS 4.6).
    host.flows.remove(flow);
    done(host.interpretation.blockedDatagram);
    return;
  }
  const request = {
    target,
    event: outgoing.event,
    firstPacket: (local: IpAddress, remote: TransportAddress) => outgoing.packet(local, remote),
    lifetime: 0,
    ...(outgoing.skipRedirect === true ? { skipRedirect: true } : {}),
    ...(outgoing.icmpType === undefined ? {} : { icmpType: outgoing.icmpType }),
  };
  authorizeConnect(host, endpoint, request, (authorized, wasPended) => {
    if (authorized.result !== "ok") {
      done(authorized.result === "WSAEACCES" ? blockedResult(host, outgoing) : authorized.result);
      return;
    }
    const { flow: created, local, remote } = authorized;
    setLifetime(created);
    host.datagramFlows.add(created, target, discriminator);
    const packet = outgoing.packet(local, remote);
    if (!isEstablished(host, created, packet, outgoing.event)) {
      host.flows.remove(created);
      done(host.interpretation.blockedDatagram);
      return;
    }
    // Completing a pended authorization makes the flow only; the datagram is lost unless the callout sends it (WFP-SHIMS 4.7).
    done(wasPended ? "ok" : sendOn(host, created, packet));
  });
}

/** An echo request over the IP helper API fails aloud, a socket's datagram does not (WFP-SHIMS 4.4; Interpretation.blockedDatagram). */
function blockedResult(host: Host, { skipRedirect }: OutgoingDatagram): SocketResult {
  return skipRedirect === true ? "WSAEACCES" : host.interpretation.blockedDatagram;
}

/** Idle seconds by what the flow's packets are addressed to, unless a callout has set others (WFP-SHIMS 4.5). */
export function setLifetime(flow: AleFlow): void {
  const isForMany = flow.remote === null || addressTypeOf(flow.remote.address) !== "unicast";
  flow.lifetime = isForMany ? flow.options.multicastLifetime : flow.options.unicastLifetime;
}

/** FLOW_ESTABLISHED with the first packet. */
export function isEstablished(host: Host, flow: AleFlow, packet: Packet, event: EventName): boolean {
  const situation = { direction: flow.direction, packet, connection: null, endpoint: flow.endpoint, flow } as const;
  return indicate(host, "flowEstablished", { ...situation, flags: rawFlag(flow) }, event).passes;
}

/** A datagram of an authorized flow: DATAGRAM_DATA and down. */
function sendOn(host: Host, flow: AleFlow, packet: Packet): SocketResult {
  host.flows.refresh(flow);
  const flags = rawFlag(flow);
  const situation = { direction: "outbound", packet, connection: null, endpoint: flow.endpoint, flow, flags } as const;
  if (!indicate(host, "datagramData", situation, transportEventOf(packet)).passes) return "ok";
  switch (sendIp(host, packet, { endpoint: flow.endpoint, flow, flags })) {
    case "blocked":
      return host.interpretation.blockedPacket;
    case "no-route":
      return "WSAENETUNREACH";
    case "too-big":
      return "WSAEMSGSIZE";
    case "sent":
      return "ok";
  }
}

/** IS_RAW_ENDPOINT of a flow's indications. */
export function rawFlag({ endpoint }: AleFlow): number {
  return endpoint.isRaw ? CONDITION_FLAG.IS_RAW_ENDPOINT : 0;
}
