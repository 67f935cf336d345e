import { CONDITION_FLAG, type Guid, hasFeature, SUBLAYER_KEY } from "../../model/index.ts";
import { ORIGIN } from "../origin.ts";
import type { CompileContext } from "./compile-context.ts";
import { flagsSet, portIs, userPasses } from "./conditions.ts";
import { BLOCK, type FilterDraft, PERMIT } from "./filter-writer.ts";
import { FAMILIES, LAYERS } from "./layers.ts";
import { NETWORK_CAPABILITIES } from "./network-capabilities.ts";
import { BELOW_MAX_WEIGHT, MAX_WEIGHT } from "./weights.ts";

/** Every token, AppContainers included: an AppContainer passes by its package (AC) or capability, not by Everyone (WFP-SEMANTICS 2.5). */
const ANYBODY = `O:LSD:${["AC", ...NETWORK_CAPABILITIES, "WD", "AN"].map((sid) => `(A;;CC;;;${sid})`).join("")}`;

const NETBIOS_NAME_PORT = 137;

/** Where the isolation of AppContainers lives: before Windows 11 among the service hardening (WFP-DIAGNOSTICS-FIREWALL 6.1). */
export function isolationSubLayer({ writer }: CompileContext): Guid {
  return writer.hasSubLayer(SUBLAYER_KEY.MPSSVC_APP_ISOLATION) ? SUBLAYER_KEY.MPSSVC_APP_ISOLATION : SUBLAYER_KEY.MPSSVC_WSH;
}

/**
 * Loopback of AppContainers is decided where it is received, by the flags ALE sets: no AppContainer involved, or one that may. A
 * loopback packet with none of them is dropped in silence (WFP-DIAGNOSTICS-FIREWALL 6.4).
 */
export function compileAppContainerLoopback(context: CompileContext): void {
  if (!hasFeature("appContainers", context.config.windows)) return;
  const loopback = flagsSet(CONDITION_FLAG.IS_LOOPBACK);
  const anybody = userPasses(ANYBODY);
  const put = (draft: Omit<FilterDraft, "name" | "subLayer" | "origin">, name: string) =>
    context.writer.write({ ...draft, name, subLayer: isolationSubLayer(context), origin: ORIGIN.appContainerLoopback });
  for (const family of FAMILIES) {
    const recvAccept = LAYERS.recvAccept[family];
    const { IS_NON_APPCONTAINER_LOOPBACK, IS_RESERVED, IS_APPCONTAINER_LOOPBACK } = CONDITION_FLAG;
    for (const flag of [IS_NON_APPCONTAINER_LOOPBACK, IS_RESERVED, IS_APPCONTAINER_LOOPBACK]) {
      put(
        { layer: recvAccept, weight: MAX_WEIGHT, action: PERMIT, conditions: [flagsSet(flag)] },
        "Loopback that AppContainers may receive",
      );
    }
    put({ layer: recvAccept, weight: BELOW_MAX_WEIGHT, action: BLOCK, conditions: [loopback, anybody] }, "Other loopback to receive");

    const connect = LAYERS.connect[family];
    put({ layer: connect, weight: MAX_WEIGHT, action: PERMIT, conditions: [loopback] }, "Loopback is decided at the receiver");
    // Same weight as the permit, but newer, therefore first.
    const nameService = [loopback, portIs("remote", NETBIOS_NAME_PORT), anybody];
    put({ layer: connect, weight: MAX_WEIGHT, action: BLOCK, conditions: nameService }, "No NetBIOS names over loopback");
    put({ layer: connect, weight: BELOW_MAX_WEIGHT, action: BLOCK, conditions: [loopback, anybody] }, "Other loopback to send");
  }
}
