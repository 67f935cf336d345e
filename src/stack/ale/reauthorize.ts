import { CONDITION_FLAG, REAUTHORIZE_REASON } from "../../model/index.ts";
import { indicate } from "../indicate.ts";
import type { IpPacket } from "../packet.ts";
import type { TcpConnection } from "../tcp/connection.ts";
import { end } from "../tcp/finish.ts";
import { transportEvent } from "../tcp/segment-event.ts";
import type { Tcp } from "../tcp/tcp.ts";

/**
 * Whether a packet of an authorized flow may go on. Lazily: the first packet of either direction after a filter was added or removed at
 * the layer that authorized the flow is classified there again (WFP-SHIMS 4.6). `packet` is null for data that is not yet a segment.
 * If that fails the flow is torn down: the packet is dropped, nothing is sent to the peer, and the application's next call fails.
 */
export function isReauthorized(tcp: Tcp, connection: TcpConnection, packet: IpPacket | null, direction: "inbound" | "outbound"): boolean {
  const { flow } = connection;
  const { host } = tcp;
  if (flow.state === "ended") return true;
  const generation = host.engine.generation(flow.layerKey);
  if (flow.state === "authorized" && flow.generation === generation) return true;
  const situation = {
    direction,
    packet,
    connection,
    // An outbound packet has no arrival interface and an inbound one no next hop (WFP-SHIMS 4.12).
    flags: CONDITION_FLAG.IS_REAUTHORIZE | (connection.endpoint.redirectedFrom === null ? 0 : CONDITION_FLAG.IS_CONNECTION_REDIRECTED),
    reauthorizeReason: REAUTHORIZE_REASON.POLICY_CHANGE,
  } as const;
  const shim = flow.createdAt === "AUTH_CONNECT" ? "authConnect" : "authRecvAccept";
  const { passes } = indicate(host, shim, situation, packet === null ? "TCP segment" : transportEvent(packet.segment));
  if (passes) {
    flow.generation = generation;
    // TCP gave the connection up when the flow was denied; permitting it again does not bring it back.
    if (flow.state === "denied") flow.state = "ended";
    return true;
  }
  flow.state = "denied";
  end(tcp, connection, host.interpretation.failedReauthorization);
  return false;
}
