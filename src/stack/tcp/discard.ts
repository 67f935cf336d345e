import type { DISCARD_REASONS } from "../../model/index.ts";
import { indicate } from "../indicate.ts";
import type { IpPacket } from "../packet.ts";
import { transportEvent } from "./segment-event.ts";
import type { Tcp } from "./tcp.ts";

export type TransportDiscardReason = (typeof DISCARD_REASONS.transport)[number];

/** TCP itself drops a segment and says why at INBOUND_TRANSPORT_DISCARD; false if a filter there forbids to react to it. */
export function discardSegment(tcp: Tcp, packet: IpPacket, reason: TransportDiscardReason): boolean {
  const situation = { direction: "inbound", packet, connection: null, discardReason: { module: "transport", reason } } as const;
  return indicate(tcp.host, "transportDiscard", situation, transportEvent(packet.segment)).passes;
}
