import { type Guid, LAYER_KEY } from "../../model/index.ts";

/** IPv4 or IPv6. */
export type Family = 4 | 6;

export const FAMILIES: readonly Family[] = [4, 6];

/** A layer of both families. */
export type LayerPair = Readonly<Record<Family, Guid>>;

/** The layers that Windows Firewall puts filters in. */
export const LAYERS = {
  resourceAssignment: { 4: LAYER_KEY.ALE_RESOURCE_ASSIGNMENT_V4, 6: LAYER_KEY.ALE_RESOURCE_ASSIGNMENT_V6 },
  listen: { 4: LAYER_KEY.ALE_AUTH_LISTEN_V4, 6: LAYER_KEY.ALE_AUTH_LISTEN_V6 },
  recvAccept: { 4: LAYER_KEY.ALE_AUTH_RECV_ACCEPT_V4, 6: LAYER_KEY.ALE_AUTH_RECV_ACCEPT_V6 },
  recvAcceptDiscard: { 4: LAYER_KEY.ALE_AUTH_RECV_ACCEPT_V4_DISCARD, 6: LAYER_KEY.ALE_AUTH_RECV_ACCEPT_V6_DISCARD },
  connect: { 4: LAYER_KEY.ALE_AUTH_CONNECT_V4, 6: LAYER_KEY.ALE_AUTH_CONNECT_V6 },
  connectDiscard: { 4: LAYER_KEY.ALE_AUTH_CONNECT_V4_DISCARD, 6: LAYER_KEY.ALE_AUTH_CONNECT_V6_DISCARD },
  flowEstablished: { 4: LAYER_KEY.ALE_FLOW_ESTABLISHED_V4, 6: LAYER_KEY.ALE_FLOW_ESTABLISHED_V6 },
  stream: { 4: LAYER_KEY.STREAM_V4, 6: LAYER_KEY.STREAM_V6 },
  inboundTransportDiscard: { 4: LAYER_KEY.INBOUND_TRANSPORT_V4_DISCARD, 6: LAYER_KEY.INBOUND_TRANSPORT_V6_DISCARD },
  inboundIcmpError: { 4: LAYER_KEY.INBOUND_ICMP_ERROR_V4, 6: LAYER_KEY.INBOUND_ICMP_ERROR_V6 },
  outboundIcmpError: { 4: LAYER_KEY.OUTBOUND_ICMP_ERROR_V4, 6: LAYER_KEY.OUTBOUND_ICMP_ERROR_V6 },
  ipForward: { 4: LAYER_KEY.IPFORWARD_V4, 6: LAYER_KEY.IPFORWARD_V6 },
} as const satisfies Record<string, LayerPair>;
