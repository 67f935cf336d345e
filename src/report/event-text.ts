import type { EventName } from "../model/index.ts";

/** Layers print without their prefix. */
export function shortLayerName(name: string): string {
  return name.replace(/^FWPM_LAYER_/, "");
}

const SOCKET_CALLS: ReadonlySet<EventName> = new Set(["bind", "listen", "connect", "send", "sendto", "close"]);

/** `SYN in`, `SYN-ACK out`; socket calls have no direction of their own. */
export function eventText(event: EventName, direction: "inbound" | "outbound"): string {
  return SOCKET_CALLS.has(event) ? event : `${event} ${direction === "inbound" ? "in" : "out"}`;
}
