import { CONDITION_FLAG, LAYER_KEY } from "../../model/index.ts";
import type { Host } from "../host.ts";
import { transportEventOf } from "../ip/packet-event.ts";
import type { IpPacket, Packet } from "../packet.ts";
import { aleFamily } from "./authorize-connect.ts";
import { type AleEndpoint, createEndpoint, type TransportAddress } from "./endpoint.ts";
import { type AleFlow, createFlow } from "./flow.ts";
import { authorize } from "./pend.ts";

/**
 * ALE_AUTH_RECV_ACCEPT for a SYN: the endpoint and flow of the new connection, or null if it is blocked. The listener's owner supplies
 * program and user (WFP-SHIMS 4.3.3). A SYN that a callout pends is gone; the callout reinjects its clone (WFP-SHIMS 4.7).
 */
export function authorizeAccept(
  host: Host,
  listener: AleEndpoint,
  packet: IpPacket,
): { readonly endpoint: AleEndpoint; readonly flow: AleFlow } | null {
  const { segment } = packet;
  const endpoint = createEndpoint({
    handle: host.nextEndpointHandle(),
    process: listener.process,
    family: listener.family,
    protocol: listener.protocol,
    parent: listener.handle,
    isDualStack: listener.isDualStack,
  });
  endpoint.localAddress = packet.destination;
  endpoint.localPort = segment.destinationPort;
  endpoint.remote = { address: packet.source, port: segment.sourcePort };
  const flow = authorizeInbound(host, endpoint, packet, { remote: endpoint.remote, lifetime: null });
  if (flow === null) return null;
  endpoint.owesClosure = true;
  return { endpoint, flow };
}

/** ALE_AUTH_RECV_ACCEPT for the first packet of an inbound flow; null if it is blocked or held back. */
export function authorizeInbound(
  host: Host,
  endpoint: AleEndpoint,
  packet: Packet,
  about: { readonly remote: TransportAddress | null; readonly lifetime: number | null; readonly icmpType?: number },
): AleFlow | null {
  const family = aleFamily(host, endpoint, packet.source);
  const layerKey = family === 4 ? LAYER_KEY.ALE_AUTH_RECV_ACCEPT_V4 : LAYER_KEY.ALE_AUTH_RECV_ACCEPT_V6;
  const flow = createFlow({
    handle: host.flows.nextHandle(),
    createdAt: "AUTH_RECV_ACCEPT",
    layerKey,
    endpoint,
    protocol: packet.protocol,
    local: packet.destination,
    remote: about.remote,
    direction: "inbound",
    generation: host.engine.generation(layerKey),
    lastActive: host.clock.seconds,
    crossed: packet.arrival ?? null,
    lifetime: about.lifetime,
    ...(about.icmpType === undefined ? {} : { icmpType: about.icmpType }),
  });
  const situation = {
    direction: "inbound",
    packet,
    connection: null,
    endpoint,
    flow,
    family,
    flags: endpoint.isRaw ? CONDITION_FLAG.IS_RAW_ENDPOINT : 0,
  } as const;
  if (authorize(host, "authRecvAccept", situation, transportEventOf(packet)).kind !== "permitted") return null;
  host.flows.add(flow);
  return flow;
}
