import type { FirewallRule } from "../../model/index.ts";
import type { CompileContext } from "./compile-context.ts";
import { compileInboundRule } from "./inbound-rule.ts";
import { compileOutboundRule, outboundProfiles } from "./outbound-rule.ts";
import { profilesOfRule } from "./rule-profiles.ts";

/** Why a rule has no filters. */
export type SkipReason =
  /** It is switched off. */
  | "disabled"
  /** No active profile is among its own. */
  | "no-active-profile"
  /** The firewall is off in all active profiles that it is for. */
  | "firewall-off"
  /** "Shields up" leaves inbound permits out in all active profiles that it is for. */
  | "shields-up"
  /** Outbound traffic is open by default. */
  | "default-permits"
  /** What it names does not exist here: an interface, a keyword's port or address, a field that this version of Windows lacks. */
  | "nothing-to-match";

/** Compiles every rule; the answer tells of those that made no filter. */
export function compileRules(context: CompileContext): ReadonlyMap<string, SkipReason> {
  const skipped = new Map<string, SkipReason>();
  for (const rule of context.config.rules) {
    const reason = compileRule(context, rule);
    if (reason !== undefined) skipped.set(rule.id, reason);
  }
  return skipped;
}

function compileRule(context: CompileContext, rule: FirewallRule): SkipReason | undefined {
  if (!rule.enabled) return "disabled";
  const profiles = profilesOfRule(context, rule);
  if (profiles.length === 0) return missingProfile(context, rule);
  // Sets that services announce, and names of networks, are of the moment: nobody can say that one matches.
  if (rule.trustTuples !== undefined || rule.networks !== undefined || rule.dynamicAddresses !== undefined) return "nothing-to-match";
  const before = context.writer.ids.length;
  if (rule.direction === "in") compileInboundRule(context, rule, profiles);
  else {
    const open = outboundProfiles(context, rule, profiles);
    if (open.length === 0) return "default-permits";
    compileOutboundRule(context, rule, open);
  }
  return context.writer.ids.length === before ? "nothing-to-match" : undefined;
}

function missingProfile({ config, active }: CompileContext, rule: FirewallRule): SkipReason {
  const own = active.filter((profile) => rule.profiles.includes(profile));
  if (own.length === 0) return "no-active-profile";
  return own.some((profile) => config.profiles[profile].enabled) ? "shields-up" : "firewall-off";
}
