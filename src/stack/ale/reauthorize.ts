import { CONDITION_FLAG, REAUTHORIZE_REASON } from "../../model/index.ts";
import type { Host } from "../host.ts";
import type { NetworkInterface } from "../interface.ts";
import { transportEventOf } from "../ip/packet-event.ts";
import { routeTo } from "../ip/route.ts";
import type { IpPacket, Packet } from "../packet.ts";
import type { TcpConnection } from "../tcp/connection.ts";
import { end } from "../tcp/finish.ts";
import type { Tcp } from "../tcp/tcp.ts";
import { has } from "../versions/features.ts";
import type { AleFlow } from "./flow.ts";
import { authorize } from "./pend.ts";

/** A packet of a flow, or data that is not yet one. */
export interface FlowTraffic {
  readonly flow: AleFlow;
  readonly direction: "inbound" | "outbound";
  readonly packet: Packet | null;
  readonly connection: TcpConnection | null;
  /** REAUTHORIZE_REASON bits that this very packet brings. */
  readonly reasons: number;
}

/**
 * Whether traffic of an authorized flow may go on. Lazily: only the layer that authorized the flow is asked again, by the first packet of
 * either direction after a filter was added or removed there, after the interface or the network's category changed, or after what is
 * noted in `dueReasons` (WFP-SHIMS 4.6). A denied flow is asked about every packet.
 */
export function isReauthorized(host: Host, traffic: FlowTraffic): boolean {
  const { flow, direction, packet, connection } = traffic;
  if (flow.state === "ended") return true;
  const crossed = crossedBy(host, traffic);
  const generation = host.engine.generation(flow.layerKey);
  const reasons = traffic.reasons | dueReasons(host, flow, direction, crossed, generation);
  if (flow.state === "authorized" && reasons === 0) return true;
  const situation = {
    direction,
    packet,
    connection,
    endpoint: flow.endpoint,
    flow,
    ...(direction === "outbound" && crossed !== null ? { nexthop: crossed } : {}),
    // An outbound packet has no arrival interface and an inbound one no next hop (WFP-SHIMS 4.12).
    flags: CONDITION_FLAG.IS_REAUTHORIZE | (flow.endpoint.redirectedFrom === null ? 0 : CONDITION_FLAG.IS_CONNECTION_REDIRECTED),
    reauthorizeReason: reasons === 0 ? REAUTHORIZE_REASON.POLICY_CHANGE : reasons,
  } as const;
  const shim = flow.createdAt === "AUTH_CONNECT" ? "authConnect" : "authRecvAccept";
  // Only TCP asks about data that is not yet a packet.
  const event = packet === null ? "TCP segment" : transportEventOf(packet);
  if (authorize(host, shim, situation, event).kind !== "permitted") {
    flow.state = "denied";
    return false;
  }
  flow.generation = generation;
  flow.dueReasons = 0;
  if (crossed !== null) {
    flow.profile = crossed.profile;
    if (direction === "inbound") flow.arrival = crossed;
    else flow.nexthop = crossed;
  }
  return true;
}

/** Whether a packet will have to be asked about again, before it is: INBOUND_TRANSPORT announces it (REQUIRES_ALE_CLASSIFY). */
export function isReauthorizationDue(host: Host, traffic: FlowTraffic): boolean {
  const { flow, direction } = traffic;
  const generation = host.engine.generation(flow.layerKey);
  return (traffic.reasons | dueReasons(host, flow, direction, crossedBy(host, traffic), generation)) !== 0;
}

/** The same for a TCP connection: if it fails the packet is dropped, nothing is sent to the peer, and the program's next call fails. */
export function isConnectionReauthorized(
  tcp: Tcp,
  connection: TcpConnection,
  packet: IpPacket | null,
  direction: "inbound" | "outbound",
): boolean {
  if (isReauthorized(tcp.host, { flow: connection.flow, connection, packet, direction, reasons: 0 })) return true;
  end(tcp, connection, tcp.host.interpretation.failedReauthorization);
  return false;
}

/** The interface a packet came in by or will leave by. */
function crossedBy(host: Host, { packet, connection }: FlowTraffic): NetworkInterface | null {
  if (packet?.arrival !== undefined) return packet.arrival;
  const ends = packet === null ? connection?.tuple : { local: packet.source, remote: packet.destination };
  return ends === undefined ? null : (routeTo(host, ends.remote, ends.local)?.networkInterface ?? null);
}

function dueReasons(
  host: Host,
  flow: AleFlow,
  direction: "inbound" | "outbound",
  crossed: NetworkInterface | null,
  generation: number,
): number {
  let reasons = flow.dueReasons;
  if (flow.generation !== generation) reasons |= REAUTHORIZE_REASON.POLICY_CHANGE;
  if (crossed === null) return reasons;
  // Arrival interfaces since Vista SP1, which counts as Vista here; next hops and categories since 7 (WFP-SHIMS 4.6, 4.13).
  if (direction === "inbound" && flow.arrival !== null && crossed !== flow.arrival) reasons |= REAUTHORIZE_REASON.NEW_ARRIVAL_INTERFACE;
  if (direction === "outbound" && flow.nexthop !== null && crossed !== flow.nexthop && has("nexthopReauthorization", host.windows)) {
    reasons |= REAUTHORIZE_REASON.NEW_NEXTHOP_INTERFACE;
  }
  if (crossed.profile !== flow.profile && has("profileReauthorization", host.windows)) reasons |= REAUTHORIZE_REASON.PROFILE_CROSSING;
  return reasons;
}
