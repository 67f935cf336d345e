import type { FirewallRule } from "../../model/index.ts";
import type { CompileContext } from "./compile-context.ts";
import { compileInboundRule } from "./inbound-rule.ts";
import { compileOutboundRule, outboundProfiles } from "./outbound-rule.ts";
import { profilesOfRule } from "./rule-profiles.ts";

/** Why a rule has no filters. */
export type SkipReason =
  /** It is switched off. */
  | "disabled"
  /** No active profile is among its own, or the firewall is off there, or "shields up" leaves inbound permits out. */
  | "no-active-profile"
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
  if (profiles.length === 0) return "no-active-profile";
  const before = context.writer.ids.length;
  if (rule.direction === "in") compileInboundRule(context, rule, profiles);
  else {
    const open = outboundProfiles(context, rule, profiles);
    if (open.length === 0) return "default-permits";
    compileOutboundRule(context, rule, open);
  }
  return context.writer.ids.length === before ? "nothing-to-match" : undefined;
}
