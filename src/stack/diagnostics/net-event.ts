import {
  CONDITION_FLAG,
  formatEndpoint,
  type Interpretation,
  type IpAddress,
  type NetEventRecord,
  type NetEventType,
  PROFILE_ID,
  SUBLAYER_KEY,
} from "../../model/index.ts";
import { has } from "../versions/features.ts";
import { linkAddressText } from "./address-text.ts";
import { type CapabilityUse, capabilityFlags } from "./capability.ts";
import type { Classified } from "./classified.ts";
import { netEventHeader } from "./net-event-header.ts";

/** FWPP_SUBLAYER_INTERNAL: the sublayers that terminatingFiltersInfo has names for; others are not listed (WFP-DIAGNOSTICS-FIREWALL 5.1). */
const INTERNAL_NAMES: ReadonlyMap<string, string> = new Map([
  [SUBLAYER_KEY.INSPECTION, "FWPP_SUBLAYER_INTERNAL_INSPECTION"],
  [SUBLAYER_KEY.EDGE_TRAVERSAL, "FWPP_SUBLAYER_INTERNAL_TEREDO"],
  ...(["WF", "WSH", "QUARANTINE", "EDP", "TENANT_RESTRICTIONS", "APP_ISOLATION"] as const).map(
    (name) => [SUBLAYER_KEY[`MPSSVC_${name}`], `FWPP_SUBLAYER_INTERNAL_FIREWALL_${name}`] as const,
  ),
]);

const DIRECTION = {
  inbound: "MS_FWP_DIRECTION_IN",
  outbound: "MS_FWP_DIRECTION_OUT",
  forward: "MS_FWP_DIRECTION_FORWARD",
} as const;

/** NdisMedium802_3; every link of the model is Ethernet. */
export const MEDIUM_802_3 = 0;

type NetEvent = Omit<NetEventRecord, "seq" | "time">;

/** FWPM_NET_EVENT_CLASSIFY_DROP, _DROP_MAC or _ALLOW; whether one is due is for the caller to say. */
export function classifyEvent(classified: Classified, interpretation: Pick<Interpretation, "netEventDirection">): NetEvent {
  const { decision, outcome, link, windows } = classified;
  const drop = outcome === "block";
  const eventType: NetEventType = !drop
    ? "FWPM_NET_EVENT_TYPE_CLASSIFY_ALLOW"
    : link === null
      ? "FWPM_NET_EVENT_TYPE_CLASSIFY_DROP"
      : "FWPM_NET_EVENT_TYPE_CLASSIFY_DROP_MAC";
  return {
    ...common(classified, eventType),
    filterId: decision.filter?.filterId ?? 0n,
    ...(has("netEventDirection", windows)
      ? {
          direction: directionOf(classified, interpretation),
          reauthReason: classified.reauthorizeReason,
          originalProfile: PROFILE_ID[classified.originalProfile],
          currentProfile: PROFILE_ID[classified.currentProfile],
          isLoopback: isLoopback(classified),
        }
      : {}),
    ...(has("netEventVirtualSwitch", windows) ? { vSwitchId: null } : {}),
    ...(drop && link !== null ? { mac: macOf(classified, link) } : {}),
  };
}

/** FWPM_NET_EVENT_CAPABILITY_DROP or _ALLOW: the filter is the one that enforces the capability. */
export function capabilityEvent(classified: Classified, { capability, filter }: CapabilityUse): NetEvent {
  const { outcome } = classified;
  return {
    ...common(classified, outcome === "block" ? "FWPM_NET_EVENT_TYPE_CAPABILITY_DROP" : "FWPM_NET_EVENT_TYPE_CAPABILITY_ALLOW"),
    filterId: filter.filterId,
    isLoopback: isLoopback(classified),
    networkCapability: capability,
  };
}

function common(classified: Classified, eventType: NetEventType) {
  const { windows, layer, owner, decision, interface: crossed } = classified;
  return {
    type: "netevent",
    host: classified.host,
    eventType,
    header: netEventHeader(classified),
    layerId: layer.id,
    flow: {
      protocol: classified.protocol,
      local: endText(classified.localAddress, classified.localPort),
      remote: endText(classified.remoteAddress, classified.remotePort),
    },
    appId: owner?.appId ?? null,
    terminatingFilters: terminatingFilters(classified),
    ...(has("capabilityEvents", windows) ? { capabilities: capabilityFlags(owner?.capabilities ?? []) } : {}),
    filterOrigin: decision.filter?.origin ?? null,
    ...(has("filterOrigin", windows) ? { interfaceIndex: crossed?.index ?? 0 } : {}),
  } as const;
}

/**
 * From the packet, not from the layer: one of Microsoft's samples has a drop at RECV_ACCEPT that is outbound (WFP-CONFORMANCE Q9). Where
 * the connection counts, every packet of an inbound one is inbound.
 */
function directionOf({ direction, flowDirection }: Classified, { netEventDirection }: Pick<Interpretation, "netEventDirection">) {
  return DIRECTION[netEventDirection === "packet" || direction === "forward" ? direction : flowDirection];
}

function isLoopback({ flags }: Classified): boolean {
  return (flags & CONDITION_FLAG.IS_LOOPBACK) !== 0;
}

/** The terminating filter of each sublayer with an internal name, in the order of evaluation: all of them, whatever a higher one decided. */
function terminatingFilters({ subLayers }: Classified): NetEvent["terminatingFilters"] {
  return subLayers.flatMap(({ subLayerKey, filter, action }) => {
    const name = INTERNAL_NAMES.get(subLayerKey);
    if (name === undefined || filter === null || (action !== "permit" && action !== "block")) return [];
    return [{ filterId: filter.filterId, subLayer: name, action }];
  });
}

function macOf({ interface: crossed }: Classified, link: NonNullable<Classified["link"]>): NonNullable<NetEvent["mac"]> {
  return {
    localMacAddr: linkAddressText(link.local),
    remoteMacAddr: linkAddressText(link.remote),
    mediaType: MEDIUM_802_3,
    ifType: crossed?.type ?? 0,
    etherType: link.etherType,
    vlanTag: 0,
    ifLuid: String(crossed?.luid ?? 0n),
  };
}

function endText(address: IpAddress | null, port: number | null): string {
  if (address === null) return `*:${port ?? "*"}`;
  return port === null ? formatEndpoint(address, 0).replace(/:0$/, ":*") : formatEndpoint(address, port);
}
