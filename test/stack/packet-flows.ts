/**
 * Microsoft's page "TCP Packet Flows", row by row: event, host, layer. Layer names without FWPM_LAYER_ and family; "_DISCARD" follows
 * the family. Rows of layers that a version of Windows does not have are left out by `flowsFor`.
 */
export interface FlowRow {
  readonly host: "client" | "server";
  readonly event: string;
  readonly layer: string;
}

const row = (host: FlowRow["host"], event: string, ...layers: string[]): FlowRow[] => layers.map((layer) => ({ host, event, layer }));

export const PASSIVE_OPEN: readonly FlowRow[] = [
  ...row("server", "bind", "ALE_BIND_REDIRECT", "ALE_RESOURCE_ASSIGNMENT"),
  ...row("server", "listen", "ALE_AUTH_LISTEN"),
];

export const ACTIVE_OPEN: readonly FlowRow[] = [
  ...row("client", "bind", "ALE_BIND_REDIRECT", "ALE_RESOURCE_ASSIGNMENT"),
  ...row("client", "connect", "ALE_CONNECT_REDIRECT", "ALE_AUTH_CONNECT"),
  ...row("client", "SYN", "OUTBOUND_TRANSPORT", "OUTBOUND_IPPACKET"),
  ...row("server", "SYN", "INBOUND_IPPACKET", "INBOUND_TRANSPORT", "ALE_AUTH_RECV_ACCEPT"),
  ...row("server", "SYN-ACK", "OUTBOUND_TRANSPORT", "OUTBOUND_IPPACKET"),
  ...row("client", "SYN-ACK", "INBOUND_IPPACKET", "INBOUND_TRANSPORT", "ALE_FLOW_ESTABLISHED"),
  ...row("client", "ACK", "OUTBOUND_TRANSPORT", "OUTBOUND_IPPACKET"),
  ...row("server", "ACK", "INBOUND_IPPACKET", "INBOUND_TRANSPORT", "ALE_FLOW_ESTABLISHED"),
];

export const SYN_TO_CLOSED_PORT: readonly FlowRow[] = [
  ...row("server", "SYN", "INBOUND_IPPACKET", "INBOUND_TRANSPORT_DISCARD"),
  ...row("server", "RST", "OUTBOUND_TRANSPORT", "OUTBOUND_IPPACKET"),
];

export const data = (from: FlowRow["host"], to: FlowRow["host"]): readonly FlowRow[] => [
  ...row(from, "data", "STREAM"),
  ...row(from, "TCP segment", "OUTBOUND_TRANSPORT"),
  ...row(from, "IP datagram", "OUTBOUND_IPPACKET"),
  ...row(to, "IP datagram", "INBOUND_IPPACKET"),
  ...row(to, "TCP segment", "INBOUND_TRANSPORT"),
  ...row(to, "data", "STREAM"),
];

export const REAUTHORIZATION_SUCCEEDS: readonly FlowRow[] = [
  ...row("server", "IP datagram", "INBOUND_IPPACKET"),
  ...row("server", "TCP segment", "INBOUND_TRANSPORT", "ALE_AUTH_RECV_ACCEPT"),
  ...row("server", "data", "STREAM"),
];

export const REAUTHORIZATION_FAILS: readonly FlowRow[] = [
  ...row("server", "IP datagram", "INBOUND_IPPACKET"),
  ...row("server", "TCP segment", "INBOUND_TRANSPORT", "ALE_AUTH_RECV_ACCEPT", "ALE_AUTH_RECV_ACCEPT_DISCARD"),
];

/** The rows as one family and version of Windows indicates them, as text: `client SYN OUTBOUND_TRANSPORT_V4`. */
export function flowsFor(rows: readonly FlowRow[], family: 4 | 6, windows: string): string[] {
  return rows
    .filter(({ layer }) => windows !== "vista" || !layer.includes("REDIRECT"))
    .map(({ host, event, layer }) => {
      const name = layer.endsWith("_DISCARD") ? `${layer.slice(0, -"_DISCARD".length)}_V${family}_DISCARD` : `${layer}_V${family}`;
      return `${host} ${event} ${name}`;
    });
}
