import { type FirewallProfile, type FirewallRule, SUBLAYER_KEY } from "../../model/index.ts";
import type { CompileContext } from "./compile-context.ts";
import { permitOrBlock } from "./filter-writer.ts";
import { compileIcmpErrorRule } from "./icmp-error-rule.ts";
import { LAYERS } from "./layers.ts";
import { product } from "./rule-conditions.ts";
import { familiesOfRule, flowAlternatives } from "./rule-filters.ts";
import { profileAlternatives } from "./rule-profiles.ts";
import { TIER, tier } from "./weights.ts";

/**
 * Profiles in which an outbound rule makes filters: an allow rule only where outbound is closed by default, as without it there is
 * nothing to open (WFP-DIAGNOSTICS-FIREWALL 6.2).
 */
export function outboundProfiles(
  { config }: CompileContext,
  rule: FirewallRule,
  profiles: readonly FirewallProfile[],
): readonly FirewallProfile[] {
  if (rule.action !== "allow") return profiles;
  return profiles.filter((profile) => config.profiles[profile].defaultOutboundAction === "block");
}

/** Filters of an outbound rule in the given profiles. */
export function compileOutboundRule(context: CompileContext, rule: FirewallRule, profiles: readonly FirewallProfile[]): void {
  const blocks = rule.action === "block";
  const weight = tier(blocks ? TIER.block : rule.action === "bypass" ? TIER.bypass : TIER.allow);
  const verdict = { action: permitOrBlock(!blocks), weight, originInContext: blocks };
  for (const family of familiesOfRule(rule)) {
    const where = profileAlternatives(context, profiles, "ORIGINAL_PROFILE_ID", "CURRENT_PROFILE_ID");
    for (const conditions of product(flowAlternatives(context, rule, family), where)) {
      context.writer.write({
        ...verdict,
        name: rule.name,
        layer: LAYERS.connect[family],
        subLayer: SUBLAYER_KEY.MPSSVC_WF,
        origin: rule.id,
        conditions,
      });
    }
    compileIcmpErrorRule(context, rule, family, profiles, verdict);
  }
}
