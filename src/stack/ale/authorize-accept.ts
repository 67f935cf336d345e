import { LAYER_KEY } from "../../model/index.ts";
import type { Host } from "../host.ts";
import { indicate } from "../indicate.ts";
import type { IpPacket } from "../packet.ts";
import { transportEvent } from "../tcp/segment-event.ts";
import { type AleEndpoint, createEndpoint } from "./endpoint.ts";
import type { AleFlow } from "./flow.ts";

/**
 * ALE_AUTH_RECV_ACCEPT for a SYN: the endpoint and flow of the new connection, or null if it is blocked. The listener's owner supplies
 * program and user (WFP-SHIMS 4.3.3).
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
  });
  endpoint.localAddress = packet.destination;
  endpoint.localPort = segment.destinationPort;
  endpoint.remote = { address: packet.source, port: segment.sourcePort };
  const layerKey = endpoint.family === 4 ? LAYER_KEY.ALE_AUTH_RECV_ACCEPT_V4 : LAYER_KEY.ALE_AUTH_RECV_ACCEPT_V6;
  const flow: AleFlow = {
    handle: host.flows.nextHandle(),
    createdAt: "AUTH_RECV_ACCEPT",
    layerKey,
    direction: "inbound",
    originalProfile: host.interfaceOf(packet.destination)?.profile ?? "none",
    generation: host.engine.generation(layerKey),
    state: "authorized",
  };
  const situation = { direction: "inbound", packet, connection: null, endpoint, flow } as const;
  if (!indicate(host, "authRecvAccept", situation, transportEvent(segment)).passes) return null;
  endpoint.owesClosure = true;
  host.flows.add(flow);
  return { endpoint, flow };
}
