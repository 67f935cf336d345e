import { Bfe } from "../engine/index.ts";
import {
  compileFirewall,
  DEFAULT_PROFILE_SETTINGS,
  FIREWALL_PROFILES,
  type FirewallConfig,
  type FirewallProfile,
  type FirewallRule,
} from "../firewall/index.ts";
import { FIELD_KEY, FILTER_FLAG, type Filter, LAYER_KEY, type Policy, PROFILE_ID, SUBLAYER_KEY } from "../model/index.ts";
import { windowsOf } from "./load-policy.ts";
import { volumesOf } from "./volumes.ts";

/**
 * A dump with the filters that Windows Firewall would make of one more rule, in the firewall's own sublayer.
 * What the rule's keywords (LocalSubnet) stand for on that machine no dump of filters tells, so that such rules are refused by their
 * having no filters.
 */
export function addRuleToPolicy(policy: Policy, rule: FirewallRule): Policy {
  const windows = windowsOf(policy);
  const config: FirewallConfig = {
    windows,
    profiles: { domain: settings(policy), private: settings(policy), public: settings(policy) },
    activeProfiles: profilesOf(policy),
    interfaces: [],
    rules: [rule],
    hardening: { services: [], rules: [] },
    quarantine: false,
    inspection: false,
    volumes: volumesOf(policy, []),
  };
  const scratch = new Bfe({ windows, phase: "running" });
  const compiled = compileFirewall(scratch, config);
  const ids = new Set(compiled.byOrigin.get(rule.id) ?? []);
  const fields = new Map(policy.layers.map((layer) => [layer.key, new Set(layer.fields.map((field) => field.key))]));
  const filters = scratch.policy.filters.filter(
    ({ filterId, layerKey, conditions }) => ids.has(filterId) && conditions.every(({ fieldKey }) => fields.get(layerKey)?.has(fieldKey)),
  );
  // Filters are told by their keys, so that a second rule's do not collide with the first's.
  let next = policy.filters.reduce((highest, { filterId }) => (filterId > highest ? filterId : highest), 0n);
  const known = new Set(policy.filters.map(({ key }) => key));
  const added = filters.filter(({ key }) => !known.has(key)).map((filter): Filter => ({ ...withoutContext(filter), filterId: ++next }));
  return { ...policy, filters: [...policy.filters, ...added] };
}

/** The origin's provider context stays behind in the scratch engine; the origin itself is kept. */
function withoutContext(filter: Filter): Filter {
  return { ...filter, providerContextKey: null, flags: filter.flags & ~FILTER_FLAG.HAS_PROVIDER_CONTEXT };
}

/** Outbound is closed where the firewall's last word at CONNECT is a block without conditions but the profile's. */
function settings(policy: Policy): FirewallConfig["profiles"][FirewallProfile] {
  const closed = policy.filters.some(
    ({ layerKey, subLayerKey, action, conditions }) =>
      layerKey === LAYER_KEY.ALE_AUTH_CONNECT_V4 &&
      subLayerKey === SUBLAYER_KEY.MPSSVC_WF &&
      action.type === "FWP_ACTION_BLOCK" &&
      conditions.every(({ fieldKey }) => fieldKey === FIELD_KEY.ORIGINAL_PROFILE_ID || fieldKey === FIELD_KEY.CURRENT_PROFILE_ID),
  );
  return { ...DEFAULT_PROFILE_SETTINGS, defaultOutboundAction: closed ? "block" : "allow" };
}

/** The profiles that filters of the firewall name; a machine with one active profile has none of them, and all then go without. */
function profilesOf(policy: Policy): readonly FirewallProfile[] {
  const named = new Set<number>();
  for (const { conditions, subLayerKey } of policy.filters) {
    if (subLayerKey !== SUBLAYER_KEY.MPSSVC_WF) continue;
    for (const { fieldKey, value } of conditions) {
      if ((fieldKey === FIELD_KEY.ORIGINAL_PROFILE_ID || fieldKey === FIELD_KEY.CURRENT_PROFILE_ID) && value.type === "FWP_UINT32")
        named.add(value.value);
    }
  }
  const found = FIREWALL_PROFILES.filter((profile) => named.has(PROFILE_ID[profile]));
  return found.length === 0 ? FIREWALL_PROFILES : found;
}
