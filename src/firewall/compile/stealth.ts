import {
  CALLOUT_KEY,
  CONDITION_FLAG,
  type Condition,
  FIELD_KEY,
  FIREWALL_PROFILES,
  type FilterWeight,
  type Guid,
  type Profile,
  SUBLAYER_KEY,
} from "../../model/index.ts";
import { ORIGIN } from "../origin.ts";
import { type CompileContext, hasInForce } from "./compile-context.ts";
import { flagsClear, portIs, profileIs } from "./conditions.ts";
import { PERMIT, permitOrBlock } from "./filter-writer.ts";
import { FAMILIES, type Family, LAYERS } from "./layers.ts";
import { MAX_WEIGHT, STEALTH_ICMP_WEIGHT, TIER, tier } from "./weights.ts";

const SILENT_DROP: Readonly<Record<Family, Guid>> = {
  4: CALLOUT_KEY.WFP_TRANSPORT_LAYER_V4_SILENT_DROP,
  6: CALLOUT_KEY.WFP_TRANSPORT_LAYER_V6_SILENT_DROP,
};

/** ICMP errors that would tell a scanner of a closed port. Types and codes live in the port fields. */
const TELLING_ERRORS: Readonly<Record<Family, readonly { readonly conditions: readonly Condition[]; readonly weight: FilterWeight }[]>> = {
  // All destination-unreachable codes but 4, fragmentation needed, and 13, administratively prohibited.
  4: [
    { conditions: [portIs("local", 3), portIs("remote", 0, 3)], weight: MAX_WEIGHT },
    { conditions: [portIs("local", 3), portIs("remote", 5, 12)], weight: STEALTH_ICMP_WEIGHT },
    { conditions: [portIs("local", 3), portIs("remote", 14, 255)], weight: STEALTH_ICMP_WEIGHT },
  ],
  // Destination unreachable, and parameter problems such as an unknown next header.
  6: [
    { conditions: [portIs("local", 1)], weight: STEALTH_ICMP_WEIGHT },
    { conditions: [portIs("local", 4), portIs("remote", 0, 2)], weight: STEALTH_ICMP_WEIGHT },
  ],
};

/** No answer from ports that nobody listens on: neither RST nor ICMP error (WFP-DIAGNOSTICS-FIREWALL 6.6). */
export function compileStealth(context: CompileContext): void {
  const stealthy = (profile: Profile): boolean =>
    profile === "none"
      ? context.active.length === 0 || context.active.some((active) => stealthy(active))
      : hasInForce(context, profile, (settings) => settings.stealth);
  for (const family of FAMILIES) {
    compileSilentDrop(context, family, stealthy);
    compileIcmpErrors(context, family, stealthy);
  }
}

function compileSilentDrop({ writer }: CompileContext, family: Family, stealthy: (profile: Profile) => boolean): void {
  const layer = LAYERS.inboundTransportDiscard[family];
  const common = { name: "No answer from closed ports", layer, subLayer: SUBLAYER_KEY.MPSSVC_WF, origin: ORIGIN.stealth };
  const drop = { type: "FWP_ACTION_CALLOUT_TERMINATING", calloutKey: SILENT_DROP[family] } as const;
  const { IS_LOOPBACK, IS_IPSEC_SECURED } = CONDITION_FLAG;
  for (const profile of FIREWALL_PROFILES) {
    // Profiles without stealth, the inactive ones among them, are excepted from the default below.
    const here = profileIs("CURRENT_PROFILE_ID", profile);
    if (stealthy(profile))
      writer.write({ ...common, weight: MAX_WEIGHT, action: drop, conditions: [flagsClear(IS_LOOPBACK | IS_IPSEC_SECURED), here] });
    else writer.write({ ...common, weight: MAX_WEIGHT, action: PERMIT, conditions: [flagsClear(IS_LOOPBACK), here] });
  }
  if (!stealthy("none")) return;
  writer.write({ ...common, weight: tier(TIER.stealthDefault), action: drop, conditions: [flagsClear(IS_LOOPBACK | IS_IPSEC_SECURED)] });
}

function compileIcmpErrors({ writer }: CompileContext, family: Family, stealthy: (profile: Profile) => boolean): void {
  const layer = LAYERS.outboundIcmpError[family];
  const common = { name: "No ICMP errors about closed ports", layer, subLayer: SUBLAYER_KEY.MPSSVC_WF, origin: ORIGIN.stealth };
  const notLoopback = flagsClear(CONDITION_FLAG.IS_LOOPBACK);
  const perProfile = writer.has(layer, FIELD_KEY.NEXTHOP_INTERFACE_PROFILE_ID);
  for (const profile of perProfile ? ([...FIREWALL_PROFILES, "none"] as const) : (["none"] as const)) {
    const where = perProfile ? [notLoopback, profileIs("NEXTHOP_INTERFACE_PROFILE_ID", profile)] : [notLoopback];
    const silent = stealthy(profile);
    if (!silent && !perProfile) continue;
    for (const { conditions, weight } of TELLING_ERRORS[family]) {
      // A profile without stealth states that it permits, among its defaults.
      writer.write({
        ...common,
        weight: silent ? weight : tier(TIER.profileDefaults),
        action: permitOrBlock(!silent),
        conditions: [...where, ...conditions],
      });
    }
  }
}
