import type { IpPacket } from "../packet.ts";
import { discardSegment } from "./discard.ts";
import { passesInboundTransport } from "./inbound-transport.ts";
import { resetStray } from "./reset.ts";
import type { Tcp } from "./tcp.ts";

/**
 * A segment nobody waits for: the transport discard layer, then a reset unless a filter suppresses it (WFP-SHIMS 4.3.4). Whether
 * INBOUND_TRANSPORT itself comes first is Interpretation.transportBeforeDiscard.
 */
export function noEndpoint(tcp: Tcp, packet: IpPacket): void {
  if (tcp.host.interpretation.transportBeforeDiscard) {
    if (!passesInboundTransport(tcp, packet, { connection: null, endpoint: null, aleClassifyRequired: false })) return;
  }
  if (discardSegment(tcp, packet, "InetDiscardEndpointNotFound")) resetStray(tcp, packet);
}
