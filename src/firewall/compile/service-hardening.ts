import { PROVIDER_KEY, SUBLAYER_KEY, serviceSid } from "../../model/index.ts";
import { ORIGIN } from "../origin.ts";
import type { CompileContext } from "./compile-context.ts";
import { userPasses } from "./conditions.ts";
import { BLOCK, permitOrBlock } from "./filter-writer.ts";
import { FAMILIES, LAYERS } from "./layers.ts";
import { familiesOfRule, flowAlternatives } from "./rule-filters.ts";
import { AUTO_WEIGHT } from "./weights.ts";

/**
 * Windows Service Hardening: what hardened services may do, and a block of all else they try. A more specific filter comes first by
 * its automatic weight; other processes match nothing here (WFP-DIAGNOSTICS-FIREWALL 6.6).
 */
export function compileServiceHardening(context: CompileContext): void {
  const { writer, config } = context;
  const { services, rules } = config.hardening;
  const common = { subLayer: SUBLAYER_KEY.MPSSVC_WSH, provider: PROVIDER_KEY.MPSSVC_WSH, weight: AUTO_WEIGHT };
  for (const rule of rules) {
    if (!rule.enabled) continue;
    const blocks = rule.action === "block";
    const layer = rule.direction === "in" ? LAYERS.recvAccept : LAYERS.connect;
    const origin = blocks ? { origin: ORIGIN.serviceHardening } : {};
    for (const family of familiesOfRule(rule)) {
      for (const conditions of flowAlternatives(context, rule, family)) {
        writer.write({ ...common, ...origin, name: rule.name, layer: layer[family], action: permitOrBlock(!blocks), conditions });
      }
    }
  }
  if (services.length === 0) return;
  const anyOf = services.map((service) => `(A;NP;CC;;;${serviceSid(service)})`).join("");
  const block = { ...common, action: BLOCK, origin: ORIGIN.serviceHardening, conditions: [userPasses(`D:${anyOf}`)] };
  for (const family of FAMILIES) {
    writer.write({ ...block, name: "Hardened services receive nothing else", layer: LAYERS.recvAccept[family] });
    writer.write({ ...block, name: "Hardened services send nothing else", layer: LAYERS.connect[family] });
  }
}
