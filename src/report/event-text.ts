import { type EventName, LAYER_KEY, type Layer } from "../model/index.ts";

/** Layers print without their prefix. */
export function shortLayerName(name: string): string {
  return name.replace(/^FWPM_LAYER_/, "");
}

const SOCKET_CALLS: ReadonlySet<EventName> = new Set(["bind", "listen", "connect", "send", "sendto", "close"]);

/**
 * `SYN in`, `SYN-ACK out`. Socket calls have no direction of their own, and at FLOW_ESTABLISHED it is the connection's, not the packet's
 * (WFP-SEMANTICS 2.1).
 */
export function eventText(event: EventName, direction: "inbound" | "outbound", layer: Layer): string {
  const ofFlow = layer.key === LAYER_KEY.ALE_FLOW_ESTABLISHED_V4 || layer.key === LAYER_KEY.ALE_FLOW_ESTABLISHED_V6;
  return ofFlow || SOCKET_CALLS.has(event) ? event : `${event} ${direction === "inbound" ? "in" : "out"}`;
}
