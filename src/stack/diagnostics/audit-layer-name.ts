import type { Layer } from "../../model/index.ts";

/** Message ids of the Security log's parameter "LayerName"; the first pattern that occurs in the layer's name counts. */
const names: readonly (readonly [string, string])[] = [
  ["ALE_RESOURCE_ASSIGNMENT", "%%14608"],
  ["ALE_AUTH_LISTEN", "%%14609"],
  ["ALE_AUTH_RECV_ACCEPT", "%%14610"],
  ["ALE_AUTH_CONNECT", "%%14611"],
  ["ALE_FLOW_ESTABLISHED", "%%14612"],
  ["ALE_RESOURCE_RELEASE", "%%14614"],
  ["ALE_ENDPOINT_CLOSURE", "%%14615"],
  ["ALE_CONNECT_REDIRECT", "%%14616"],
  ["ALE_BIND_REDIRECT", "%%14617"],
  ["ALE_ACCEPT_REDIRECT", "%%14625"],
  ["MAC_FRAME_ETHERNET", "%%14602"],
  ["MAC_FRAME_NATIVE", "%%14603"],
  ["INGRESS_VSWITCH", "%%14641"],
  ["EGRESS_VSWITCH", "%%14642"],
  ["IPPACKET", "%%14596"],
  ["TRANSPORT", "%%14597"],
  ["IPFORWARD", "%%14598"],
  ["STREAM_PACKET", "%%14624"],
  ["STREAM", "%%14599"],
  ["DATAGRAM_DATA", "%%14600"],
  ["ICMP_ERROR", "%%14601"],
];

/**
 * "LayerName" of an audit event: a parameter message of the event log's message table (listed by the provider's manifest: IP Packet,
 * Transport, Forward, Stream, Datagram Data, ICMP Error, MAC 802.3, MAC Native, … from %%14596 on; 14643 is "Unknown").
 */
export function auditLayerName(layer: Layer): string {
  return names.find(([part]) => layer.name.includes(part))?.[1] ?? "%%14643";
}
