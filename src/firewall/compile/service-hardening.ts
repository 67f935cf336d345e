import { PROVIDER_KEY, SUBLAYER_KEY, serviceSid } from "../../model/index.ts";
import { ORIGIN } from "../origin.ts";
import type { CompileContext } from "./compile-context.ts";
import { userPasses } from "./conditions.ts";
import { BLOCK, permitOrBlock } from "./filter-writer.ts";
import { FAMILIES, LAYERS, type LayerPair } from "./layers.ts";
import { familiesOfRule, flowAlternatives } from "./rule-filters.ts";
import { AUTO_WEIGHT } from "./weights.ts";

/**
 * Windows Service Hardening: what hardened services may do, and a block of all else they try. A more specific filter comes first by
 * its automatic weight; other processes match nothing here (WFP-DIAGNOSTICS-FIREWALL 6.6).
 */
export function compileServiceHardening(context: CompileContext): void {
  const { writer, config } = context;
  const { services, inboundServices = [], outboundServices = [], rules } = config.hardening;
  const common = { subLayer: SUBLAYER_KEY.MPSSVC_WSH, provider: PROVIDER_KEY.MPSSVC_WSH, weight: AUTO_WEIGHT };
  for (const rule of rules) {
    if (!rule.enabled) continue;
    const blocks = rule.action === "block";
    const layer = rule.direction === "in" ? LAYERS.recvAccept : LAYERS.connect;
    for (const family of familiesOfRule(rule)) {
      for (const conditions of flowAlternatives(context, rule, family)) {
        const verdict = { action: permitOrBlock(!blocks), origin: rule.id, originInContext: blocks };
        writer.write({ ...common, ...verdict, name: rule.name, layer: layer[family], conditions });
      }
    }
  }
  blockOthers([...services, ...inboundServices], "Hardened services receive nothing else", LAYERS.recvAccept);
  blockOthers([...services, ...outboundServices], "Hardened services send nothing else", LAYERS.connect);

  /** One block for all services: whoever has the SID of one of them. */
  function blockOthers(names: readonly string[], name: string, layer: LayerPair): void {
    if (names.length === 0) return;
    const anyOf = [...new Set(names.map(serviceSid))].map((sid) => `(A;NP;CC;;;${sid})`).join("");
    const block = { ...common, action: BLOCK, origin: ORIGIN.serviceHardening, conditions: [userPasses(`D:${anyOf}`)] };
    for (const family of FAMILIES) writer.write({ ...block, name, layer: layer[family] });
  }
}
