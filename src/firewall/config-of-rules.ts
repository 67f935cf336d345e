import { FIREWALL_PROFILES, type FirewallProfile, type ProfileSettings } from "../model/index.ts";
import { DEFAULT_INTERFACE } from "./default-policy.ts";
import { type MergedRules, type MergeOptions, rulesInForce } from "./merge-rules.ts";
import { DEFAULT_PROFILE_SETTINGS, type FirewallConfig, type FirewallInterface } from "./settings.ts";

/** What files with rules do not say of their machine. */
export interface MachineOptions extends MergeOptions {
  /** Profiles of the networks it is attached to; all three where absent, so that any profile can be asked about. */
  readonly profiles?: readonly FirewallProfile[];
  /** Its interfaces; one at 10.0.0.5/24 where absent. */
  readonly interfaces?: readonly FirewallInterface[];
}

/** All that the filters are made from, out of a machine's merged rules. */
export function configOfRules(merged: MergedRules, options: MachineOptions): FirewallConfig {
  const profiles: Record<FirewallProfile, ProfileSettings> = {
    domain: DEFAULT_PROFILE_SETTINGS,
    private: DEFAULT_PROFILE_SETTINGS,
    public: DEFAULT_PROFILE_SETTINGS,
  };
  for (const { profile, settings } of merged.profiles) profiles[profile] = settings;
  return {
    windows: options.windows,
    profiles,
    activeProfiles: options.profiles ?? FIREWALL_PROFILES,
    interfaces: options.interfaces ?? [DEFAULT_INTERFACE],
    rules: rulesInForce(merged),
    hardening: merged.hardening,
    quarantine: true,
    inspection: true,
    ...(options.environment === undefined ? {} : { environment: options.environment }),
    ...(options.volumes === undefined ? {} : { volumes: options.volumes }),
  };
}
