import { type FirewallProfile, type FirewallRule, SOCKET_PROPERTY_FLAG, SUBLAYER_KEY } from "../../model/index.ts";
import type { CompileContext } from "./compile-context.ts";
import { flagsClear, protocolIs } from "./conditions.ts";
import { compileEdgeTraversal } from "./edge-traversal.ts";
import { type FilterDraft, PERMIT, permitOrBlock } from "./filter-writer.ts";
import { compileIcmpErrorRule } from "./icmp-error-rule.ts";
import { type Family, LAYERS } from "./layers.ts";
import { PROTOCOL } from "./numbers.ts";
import { product } from "./rule-conditions.ts";
import { familiesOfRule, flowAlternatives, socketAlternatives } from "./rule-filters.ts";
import { profileAlternatives } from "./rule-profiles.ts";
import { TIER, tier } from "./weights.ts";

const RULE_TIER: Readonly<Record<FirewallRule["action"], number>> = { allow: TIER.allow, block: TIER.block, bypass: TIER.bypass };

/** Filters of an inbound rule in the given profiles (WFP-DIAGNOSTICS-FIREWALL 6.3). */
export function compileInboundRule(context: CompileContext, rule: FirewallRule, profiles: readonly FirewallProfile[]): void {
  const blocks = rule.action === "block";
  const verdict = { action: permitOrBlock(!blocks), weight: tier(RULE_TIER[rule.action]), originInContext: blocks };
  for (const family of familiesOfRule(rule)) {
    const flows = flowAlternatives(context, rule, family);
    // Of a rule that no flow can meet, an address list that is empty here say, nothing is left.
    if (flows.length === 0) continue;
    compileSocketFilters(context, rule, family);
    const where = profileAlternatives(context, profiles, "ORIGINAL_PROFILE_ID", "CURRENT_PROFILE_ID");
    for (const conditions of product(flows, where)) {
      context.writer.write({ ...common(rule), ...verdict, layer: LAYERS.recvAccept[family], conditions });
    }
    compileIcmpErrorRule(context, rule, family, profiles, verdict);
    if (rule.action !== "block") compileEdgeTraversal(context, rule, family);
  }
}

const common = (rule: FirewallRule) => ({ name: rule.name, subLayer: SUBLAYER_KEY.MPSSVC_WF, origin: rule.id });

/**
 * The program has a rule, so that nobody need be asked when it binds or listens: a permit, even for a rule that blocks. Recorded
 * machines have none for rules of packages.
 */
function compileSocketFilters(context: CompileContext, rule: FirewallRule, family: Family): void {
  if (rule.package !== undefined || rule.packageFamilyName !== undefined) return;
  const verdict = { ...common(rule), action: PERMIT, weight: tier(RULE_TIER[rule.action]), originInContext: rule.action === "block" };
  const put = (draft: Pick<FilterDraft, "layer" | "conditions">) => {
    // A program that asks for edge traffic, which the user is to decide on, is still brought to the service's notice.
    const asked = flagsClear(SOCKET_PROPERTY_FLAG.ALLOW_EDGE_TRAFFIC, "ALE_SIO_FIREWALL_SYSTEM_PORT");
    context.writer.write({ ...verdict, ...draft, ...(rule.edgeTraversal === "defer-user" ? { scope: [asked] } : {}) });
  };
  for (const conditions of socketAlternatives(context, rule, family)) {
    if (rule.protocol === PROTOCOL.udp || rule.protocol === "any") {
      put({ layer: LAYERS.resourceAssignment[family], conditions: [...conditions, protocolIs(PROTOCOL.udp)] });
    }
    if (rule.protocol === PROTOCOL.tcp || rule.protocol === "any") put({ layer: LAYERS.listen[family], conditions });
  }
}
