import type { FirewallProfile, FirewallRule } from "../../model/index.ts";
import { type CompileContext, profileConditions } from "./compile-context.ts";
import type { ProfileField } from "./conditions.ts";
import { type Alternatives, ANY } from "./rule-conditions.ts";

/** Active profiles in which the rule counts: those it is for whose firewall is on, without "shields up" for inbound permits. */
export function profilesOfRule({ config, active }: CompileContext, rule: FirewallRule): readonly FirewallProfile[] {
  return active.filter((profile) => {
    const settings = config.profiles[profile];
    if (!settings.enabled || !rule.profiles.includes(profile)) return false;
    return rule.direction === "out" || rule.action === "block" || settings.allowInboundRules;
  });
}

/**
 * A rule for all active profiles needs no condition, as recorded machines with one active profile show. Otherwise one filter per
 * profile, like the defaults of AppContainers.
 */
export function profileAlternatives(
  context: CompileContext,
  profiles: readonly FirewallProfile[],
  ...fields: readonly ProfileField[]
): Alternatives {
  if (profiles.length === context.active.length) return ANY;
  return profiles.map((profile) => profileConditions(context, profile, ...fields));
}
