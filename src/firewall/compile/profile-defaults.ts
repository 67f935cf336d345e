import { CONDITION_FLAG, type Condition, type FirewallProfile, type Guid, SUBLAYER_KEY } from "../../model/index.ts";
import { ORIGIN } from "../origin.ts";
import { firewallCallout } from "./callout-keys.ts";
import { type CompileContext, hasInForce, profileConditions } from "./compile-context.ts";
import { flagsClear, type ProfileField, protocolIs } from "./conditions.ts";
import { BLOCK, permitOrBlock } from "./filter-writer.ts";
import { FAMILIES, type Family, LAYERS } from "./layers.ts";
import { PROTOCOL } from "./numbers.ts";
import { TIER, tier } from "./weights.ts";

/** What becomes of traffic that no rule speaks of: how a tier of defaults is parametrised. */
interface Defaults {
  readonly tier: number;
  readonly inboundBlocked: boolean;
  readonly outboundBlocked: boolean;
  profile(...fields: readonly ProfileField[]): Condition[];
}

/**
 * The last word of the firewall's own sublayer: one set per active profile, and below it one for traffic of no known profile
 * (WFP-DIAGNOSTICS-FIREWALL 6.2, tiers 8 and 3). The set without profile is as strict as the strictest active profile [inf].
 */
export function compileProfileDefaults(context: CompileContext): void {
  const { active } = context;
  const notify = (profile: FirewallProfile) => hasInForce(context, profile, (settings) => settings.notifyOnListen);
  const inbound = (profile: FirewallProfile) => hasInForce(context, profile, (settings) => settings.defaultInboundAction === "block");
  const outbound = (profile: FirewallProfile) => hasInForce(context, profile, (settings) => settings.defaultOutboundAction === "block");
  for (const family of FAMILIES) {
    compileNotifications(context, family, TIER.profileDefaults, active.some(notify));
    for (const profile of active) {
      compileDefaults(context, family, {
        tier: TIER.profileDefaults,
        inboundBlocked: inbound(profile),
        outboundBlocked: outbound(profile),
        profile: (...fields) => profileConditions(context, profile, ...fields),
      });
    }
    compileNotifications(context, family, TIER.defaults, active.length === 0 || active.some(notify));
    compileDefaults(context, family, {
      tier: TIER.defaults,
      inboundBlocked: active.length === 0 || active.some(inbound),
      outboundBlocked: active.some(outbound),
      profile: () => [],
    });
  }
}

/** The layers of bind and listen do not tell the packet's profile, so one set serves all (6.7). */
function compileNotifications({ writer }: CompileContext, family: Family, weight: number, notify: boolean): void {
  if (!notify) return;
  const common = {
    name: "Ask about programs without a rule",
    subLayer: SUBLAYER_KEY.MPSSVC_WF,
    weight: tier(weight),
    origin: ORIGIN.queryUser,
  };
  const ask = (layer: Guid) => ({
    type: "FWP_ACTION_CALLOUT_UNKNOWN" as const,
    calloutKey: firewallCallout("query-user", writer.layer(layer)),
  });
  const listen = LAYERS.listen[family];
  writer.write({ ...common, layer: listen, action: ask(listen), conditions: [flagsClear(CONDITION_FLAG.IS_LOOPBACK)] });
  const bind = LAYERS.resourceAssignment[family];
  const bound = [protocolIs(PROTOCOL.udp), flagsClear(CONDITION_FLAG.IS_LOOPBACK | CONDITION_FLAG.IS_WILDCARD_BIND)];
  writer.write({ ...common, layer: bind, action: ask(bind), conditions: bound });
}

function compileDefaults({ writer }: CompileContext, family: Family, defaults: Defaults): void {
  const { inboundBlocked, outboundBlocked, profile } = defaults;
  const common = { subLayer: SUBLAYER_KEY.MPSSVC_WF, weight: tier(defaults.tier) };
  const inbound = {
    ...common,
    name: inboundBlocked ? "Inbound is closed unless a rule allows it" : "Inbound is open unless a rule blocks it",
    action: permitOrBlock(!inboundBlocked),
    ...(inboundBlocked ? { origin: ORIGIN.queryUser } : {}),
  };
  const outbound = {
    ...common,
    name: outboundBlocked ? "Outbound is closed unless a rule allows it" : "Outbound is open unless a rule blocks it",
    action: outboundBlocked ? BLOCK : permitOrBlock(true),
  };
  writer.write({ ...inbound, layer: LAYERS.inboundIcmpError[family], conditions: profile("ARRIVAL_INTERFACE_PROFILE_ID") });
  writer.write({ ...inbound, layer: LAYERS.recvAccept[family], conditions: profile("ORIGINAL_PROFILE_ID") });
  writer.write({ ...outbound, layer: LAYERS.outboundIcmpError[family], conditions: profile("NEXTHOP_INTERFACE_PROFILE_ID") });
  writer.write({ ...outbound, layer: LAYERS.connect[family], conditions: profile("ORIGINAL_PROFILE_ID", "CURRENT_PROFILE_ID") });
}
