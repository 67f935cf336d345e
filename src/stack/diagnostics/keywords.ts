import { CALLOUT_KEY, NET_EVENT_KEYWORD } from "../../model/index.ts";
import { has } from "../versions/features.ts";
import type { Classified } from "./classified.ts";

/** Callouts that keep a closed port silent (WFP-DIAGNOSTICS-FIREWALL 6.6). */
const SILENT_DROP: ReadonlySet<string> = new Set(
  Object.entries(CALLOUT_KEY).flatMap(([name, key]) => (name.includes("SILENT_DROP") ? [key] : [])),
);

/** The keyword that a drop needs to be collected; 0 for one that always is (WFP-DIAGNOSTICS-FIREWALL 5.1). */
export function keywordOfDrop({ windows, direction, localAddressType, decision: { filter } }: Classified): number {
  if (!has("netEventKeywords", windows)) return 0;
  if (filter?.origin === "Stealth" || (filter !== null && "calloutKey" in filter.action && SILENT_DROP.has(filter.action.calloutKey))) {
    return NET_EVENT_KEYWORD.PORT_SCANNING_DROP;
  }
  if (direction !== "inbound") return 0;
  if (localAddressType === "multicast") return NET_EVENT_KEYWORD.INBOUND_MCAST;
  return localAddressType === "broadcast" ? NET_EVENT_KEYWORD.INBOUND_BCAST : 0;
}
