import { FIELD_KEY, type Filter, type FilterResult, type NetworkCapability, type Sid, SUBLAYER_KEY } from "../../model/index.ts";
import type { Classified } from "./classified.ts";

/** Capability SIDs of an AppContainer that concern the network (FWPM_APPC_NETWORK_CAPABILITY_TYPE, FWP_CAPABILITIES_FLAG_*). */
const CAPABILITIES: ReadonlyMap<Sid, { readonly type: NetworkCapability; readonly flag: string }> = new Map([
  ["S-1-15-3-1", { type: "INTERNET_CLIENT", flag: "FWP_CAPABILITIES_FLAG_INTERNET_CLIENT" }],
  ["S-1-15-3-2", { type: "INTERNET_CLIENT_SERVER", flag: "FWP_CAPABILITIES_FLAG_INTERNET_CLIENT_SERVER" }],
  ["S-1-15-3-3", { type: "INTERNET_PRIVATE_NETWORK", flag: "FWP_CAPABILITIES_FLAG_PRIVATE_NETWORK" }],
]);

/** Where the filters that isolate AppContainers live: before Windows 11 among those of service hardening (WFP-DIAGNOSTICS-FIREWALL 6.1). */
const ISOLATION: ReadonlySet<string> = new Set([SUBLAYER_KEY.MPSSVC_APP_ISOLATION, SUBLAYER_KEY.MPSSVC_WSH]);

/** `<capabilities>` of a net event: what the program's AppContainer may do, in the order of the flags. */
export function capabilityFlags(capabilities: readonly Sid[]): readonly string[] {
  return [...CAPABILITIES].filter(([sid]) => capabilities.includes(sid)).map(([, { flag }]) => flag);
}

/** What a capability did to an AppContainer's traffic: the one that let it through, or the one whose lack stopped it. */
export interface CapabilityUse {
  readonly capability: NetworkCapability;
  readonly filter: Filter;
}

/**
 * FWPM_NET_EVENT_CAPABILITY_DROP0 and _ALLOW0 say which capability was missing or allowed, and by which filter. Capabilities are enforced
 * by permits for tokens that hold one, above a block for everything in an AppContainer: the missing one is that of the first such permit
 * which nothing but the token kept from matching.
 */
export function capabilityUse({ subLayers, filters, owner }: Classified): CapabilityUse | null {
  if (owner === null || owner.packageSid === null) return null;
  for (const { subLayerKey, filter, action } of subLayers) {
    if (filter === null || !ISOLATION.has(subLayerKey)) continue;
    if (action === "permit") {
      const capability = namedCapability(filter);
      if (capability !== null) return { capability, filter };
    }
    if (action !== "block") continue;
    for (const result of filters) {
      if (result.filter === filter) break;
      if (result.filter.subLayerKey !== subLayerKey || !isTokenMiss(result)) continue;
      const capability = namedCapability(result.filter);
      if (capability !== null) return { capability, filter };
    }
  }
  return null;
}

/** A permit that matched but for its condition on the token. */
function isTokenMiss({ filter, truth, conditions }: FilterResult): boolean {
  if (filter.action.type !== "FWP_ACTION_PERMIT" || truth !== "false") return false;
  const held = new Set(conditions.filter((one) => one.truth === "true").map(({ condition }) => condition.fieldKey));
  return conditions.every(
    ({ condition, truth: its }) => its === "true" || held.has(condition.fieldKey) || condition.fieldKey === FIELD_KEY.ALE_USER_ID,
  );
}

/** The network capability that a filter's condition on ALE_USER_ID asks for. */
function namedCapability({ conditions }: Filter): NetworkCapability | null {
  for (const { fieldKey, value } of conditions) {
    if (fieldKey !== FIELD_KEY.ALE_USER_ID || value.type !== "FWP_SECURITY_DESCRIPTOR_TYPE") continue;
    for (const { sid } of value.value.dacl ?? []) {
      const found = CAPABILITIES.get(sid);
      if (found !== undefined) return found.type;
    }
  }
  return null;
}
