import { type AddressRange, type Condition, hasFeature, PROVIDER_KEY, SUBLAYER_KEY, wholeRange } from "../../model/index.ts";
import { ORIGIN } from "../origin.ts";
import { addressIn } from "./address-conditions.ts";
import { isolationSubLayer } from "./app-container-loopback.ts";
import { type CompileContext, profileConditions } from "./compile-context.ts";
import { IN_APP_CONTAINER, userPasses } from "./conditions.ts";
import { BLOCK, PERMIT } from "./filter-writer.ts";
import { FAMILIES, type Family, LAYERS, type LayerPair } from "./layers.ts";
import { gapsBetween, localSubnets } from "./local-subnets.ts";
import { AUTO_WEIGHT } from "./weights.ts";

/** Capabilities of an AppContainer, each with what it opens. */
const CAPABILITIES = [
  { name: "internetClientServer, inbound", sid: "S-1-15-3-2", layer: LAYERS.recvAccept, where: "internet" },
  { name: "privateNetworkClientServer, inbound", sid: "S-1-15-3-3", layer: LAYERS.recvAccept, where: "private" },
  { name: "internetClientServer, outbound", sid: "S-1-15-3-2", layer: LAYERS.connect, where: "internet" },
  { name: "internetClient", sid: "S-1-15-3-1", layer: LAYERS.connect, where: "internet" },
  { name: "privateNetworkClientServer, outbound", sid: "S-1-15-3-3", layer: LAYERS.connect, where: "private" },
] as const satisfies readonly { name: string; sid: string; layer: LayerPair; where: "internet" | "private" }[];

/**
 * AppContainers reach nothing but what their capabilities open (WFP-DIAGNOSTICS-FIREWALL 6.5). On a public network everything counts
 * as internet; on others the local subnets are the private network and the rest is internet.
 */
export function compileAppIsolation(context: CompileContext): void {
  const { writer, config, active } = context;
  if (!hasFeature("appContainers", config.windows)) return;
  const subLayer = isolationSubLayer(context);
  const provider = subLayer === SUBLAYER_KEY.MPSSVC_WSH ? PROVIDER_KEY.MPSSVC_WSH : PROVIDER_KEY.MPSSVC_APP_ISOLATION;
  const common = { subLayer, provider, weight: AUTO_WEIGHT };
  for (const family of FAMILIES) {
    const block = { ...common, action: BLOCK, conditions: [IN_APP_CONTAINER], origin: ORIGIN.uwp };
    // The names that Windows gives them, by which its events and Microsoft's pages call them.
    writer.write({ ...block, name: "Block Inbound Default Rule", layer: LAYERS.recvAccept[family] });
    writer.write({ ...block, name: "Block Outbound Default Rule", layer: LAYERS.connect[family] });

    for (const profile of active) {
      const privateRanges = profile === "public" ? [] : localSubnets(config.interfaces, family);
      const internetRanges = profile === "public" ? [wholeRange(family)] : gapsBetween(privateRanges, family);
      const here = profileConditions(context, profile, "ORIGINAL_PROFILE_ID", "CURRENT_PROFILE_ID");
      for (const { name, sid, layer, where } of CAPABILITIES) {
        for (const range of where === "private" ? privateRanges : internetRanges) {
          const conditions = capabilityConditions(range, here, sid);
          writer.write({ ...common, name: `Capability ${name}`, layer: layer[family as Family], action: PERMIT, conditions });
        }
      }
    }
  }
}

/** Everyone (WD) and anonymous (AN) let the access check pass its first half; an AppContainer needs the capability as well. */
function capabilityConditions(range: AddressRange, profile: readonly Condition[], capability: string): Condition[] {
  return [IN_APP_CONTAINER, addressIn("REMOTE", range), ...profile, userPasses(`O:LSD:(A;;CC;;;${capability})(A;;CC;;;WD)(A;;CC;;;AN)`)];
}
