import { CONDITION_FLAG, formatEndpoint, type IpAddress, type NetEventRecord, PROFILE_ID, SUBLAYER_KEY } from "../../model/index.ts";
import type { Classified } from "./classified.ts";

/** Sublayers of Windows Firewall by the names that terminatingFiltersInfo uses (WFP-DIAGNOSTICS-FIREWALL 5.1). */
const INTERNAL_NAMES: ReadonlyMap<string, string> = new Map(
  Object.entries(SUBLAYER_KEY)
    .filter(([name]) => name.startsWith("MPSSVC_"))
    .map(([name, key]) => [key, `FWPP_SUBLAYER_INTERNAL_FIREWALL_${name.slice("MPSSVC_".length)}`]),
);

type NetEvent = Omit<NetEventRecord, "seq" | "time">;

/** FWPM_NET_EVENT of a classification; whether one is due is for the caller to say. */
export function netEventOf(classified: Classified): NetEvent {
  const { decision, layer, direction, outcome, flags } = classified;
  return {
    type: "netevent",
    host: classified.host,
    eventType: outcome === "block" ? "FWPM_NET_EVENT_TYPE_CLASSIFY_DROP" : "FWPM_NET_EVENT_TYPE_CLASSIFY_ALLOW",
    filterId: decision.filter?.filterId ?? 0n,
    layerId: layer.id,
    // From the packet, not from the layer: one of Microsoft's samples has it the other way round (WFP-CONFORMANCE Q9).
    direction: direction === "inbound" ? "MS_FWP_DIRECTION_IN" : "MS_FWP_DIRECTION_OUT",
    reauthReason: classified.reauthorizeReason,
    originalProfile: PROFILE_ID[classified.originalProfile],
    currentProfile: PROFILE_ID[classified.currentProfile],
    isLoopback: (flags & CONDITION_FLAG.IS_LOOPBACK) !== 0,
    flow: {
      protocol: classified.protocol,
      local: endText(classified.localAddress, classified.localPort),
      remote: endText(classified.remoteAddress, classified.remotePort),
    },
    appId: classified.appId,
    terminatingFilters: terminatingFilters(classified),
    filterOrigin: decision.filter?.origin ?? null,
  };
}

/** The terminating filter of each of Windows Firewall's sublayers, in the order of evaluation. */
function terminatingFilters({ subLayers }: Classified): NetEvent["terminatingFilters"] {
  return subLayers.flatMap(({ subLayerKey, filter, action }) => {
    const name = INTERNAL_NAMES.get(subLayerKey);
    if (name === undefined || filter === null || (action !== "permit" && action !== "block")) return [];
    return [{ filterId: filter.filterId, subLayer: name, action }];
  });
}

function endText(address: IpAddress | null, port: number | null): string {
  if (address === null) return `*:${port ?? "*"}`;
  return port === null ? formatEndpoint(address, 0).replace(/:0$/, ":*") : formatEndpoint(address, port);
}
