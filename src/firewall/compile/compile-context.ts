import { type Condition, type FirewallProfile, hasFeature, type ProfileSettings } from "../../model/index.ts";
import type { FirewallConfig } from "../settings.ts";
import { type ProfileField, profileIs } from "./conditions.ts";
import type { FilterWriter } from "./filter-writer.ts";

/** What every part of the compiler works with. */
export interface CompileContext {
  readonly config: FirewallConfig;
  readonly writer: FilterWriter;
  /** Active profiles in force; one only on Vista, see {@link profilesInForce}. */
  readonly active: readonly FirewallProfile[];
}

/**
 * Before Windows 7 no layer tells the profile, and the firewall applied the most restrictive active profile to all interfaces.
 */
export function profilesInForce(config: FirewallConfig): readonly FirewallProfile[] {
  const order: readonly FirewallProfile[] = ["public", "private", "domain"];
  const active = order.filter((profile) => config.activeProfiles.includes(profile));
  return hasFeature("profileFields", config.windows) ? active : active.slice(0, 1);
}

/** Whether `profile` is attached, on, and has `setting`. */
export function hasInForce(context: CompileContext, profile: FirewallProfile, setting: (settings: ProfileSettings) => boolean): boolean {
  const settings = context.config.profiles[profile];
  return context.active.includes(profile) && settings.enabled && setting(settings);
}

/** Conditions that hold a filter to one profile; none where the layers cannot tell profiles apart. */
export function profileConditions(context: CompileContext, profile: FirewallProfile, ...fields: readonly ProfileField[]): Condition[] {
  return hasFeature("profileFields", context.config.windows) ? fields.map((field) => profileIs(field, profile)) : [];
}
