import { type FilterAction, type FilterWeight, type FirewallProfile, type FirewallRule, SUBLAYER_KEY } from "../../model/index.ts";
import type { CompileContext } from "./compile-context.ts";
import { portIs } from "./conditions.ts";
import { type Family, LAYERS } from "./layers.ts";
import { type Alternatives, ANY, addressAlternatives, product, securityConditions, whoConditions } from "./rule-conditions.ts";
import { isIcmp } from "./rule-filters.ts";
import { profileAlternatives } from "./rule-profiles.ts";

/** Types that are errors, which never reach the ALE layers (WFP-SHIMS 4.4.1). */
const ERROR_TYPES: Readonly<Record<Family, readonly number[]>> = { 4: [3, 4, 5, 11, 12], 6: [1, 2, 3, 4] };

/**
 * A rule on ICMP that names no program also stands at the layer of ICMP errors, where programs are not known. Recorded machines show
 * it for an inbound rule on all types; for single types and for outbound rules it is inferred.
 */
export function compileIcmpErrorRule(
  context: CompileContext,
  rule: FirewallRule,
  family: Family,
  profiles: readonly FirewallProfile[],
  verdict: { readonly action: FilterAction; readonly weight: FilterWeight; readonly originInContext: boolean },
): void {
  // Neither programs nor what IPsec knows of the other end are fields there.
  const narrowed = whoConditions(context, rule).length > 0 || securityConditions(rule, context.config).length > 0;
  if (!isIcmp(rule) || narrowed || rule.interfaces !== undefined || rule.interfaceKinds !== undefined) return;
  const types = rule.icmpTypes?.filter(({ type }) => ERROR_TYPES[family].includes(type));
  const messages: Alternatives =
    types === undefined
      ? ANY
      : types.map(({ type, code }) => [portIs("local", type), ...(code === undefined ? [] : [portIs("remote", code)])]);
  const inbound = rule.direction === "in";
  const alternatives = product(
    messages,
    addressAlternatives(rule.localAddresses, "LOCAL", context.config, family),
    addressAlternatives(rule.remoteAddresses, "REMOTE", context.config, family),
    profileAlternatives(context, profiles, inbound ? "ARRIVAL_INTERFACE_PROFILE_ID" : "NEXTHOP_INTERFACE_PROFILE_ID"),
  );
  for (const conditions of alternatives) {
    context.writer.write({
      ...verdict,
      name: rule.name,
      layer: (inbound ? LAYERS.inboundIcmpError : LAYERS.outboundIcmpError)[family],
      subLayer: SUBLAYER_KEY.MPSSVC_WF,
      origin: rule.id,
      conditions,
    });
  }
}
