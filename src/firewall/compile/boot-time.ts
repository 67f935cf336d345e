import { CONDITION_FLAG, hasFeature, SUBLAYER_KEY } from "../../model/index.ts";
import { ORIGIN } from "../origin.ts";
import type { CompileContext } from "./compile-context.ts";
import { flagsClear, flagsSet, interfaceTypeIs, NO_APP_CONTAINER, portIs, protocolIs, tunnelTypeIs } from "./conditions.ts";
import { BLOCK, type FilterDraft, type FilterLifetime, PERMIT } from "./filter-writer.ts";
import { FAMILIES, LAYERS } from "./layers.ts";
import { IF_TYPE, PROTOCOL, TUNNEL_TYPES } from "./numbers.ts";
import { MAX_WEIGHT, TIER, tier } from "./weights.ts";

/**
 * What holds from the start of TCP/IP until the firewall service has its rules in place: inbound closed, outbound open
 * (WFP-DIAGNOSTICS-FIREWALL 6.6). Most come as a pair, boot-time and persistent, so that no gap opens between the two; the loopback
 * permits among them are also the ones that serve later (6.4).
 */
export function compileBootTime(context: CompileContext): void {
  const { writer, config } = context;
  const put = (
    draft: Omit<FilterDraft, "subLayer"> & { readonly subLayer?: FilterDraft["subLayer"] },
    lifetimes: readonly FilterLifetime[],
  ) => {
    for (const lifetime of lifetimes) writer.write({ subLayer: SUBLAYER_KEY.MPSSVC_WF, origin: ORIGIN.bootTime, ...draft, lifetime });
  };
  const pair: readonly FilterLifetime[] = ["boot", "persistent"];
  const loopback = [flagsSet(CONDITION_FLAG.IS_LOOPBACK)];
  const block = { name: "Closed at start-up", weight: tier(TIER.bootBlock), action: BLOCK };
  const permit = { name: "Loopback is open", weight: MAX_WEIGHT, action: PERMIT };

  for (const family of FAMILIES) {
    // Neighbours must be found before anything else works.
    if (family === 6) {
      const conditions = [protocolIs(PROTOCOL.icmpV6), portIs("local", 135)];
      put(
        {
          name: "Neighbour solicitation at start-up",
          layer: LAYERS.recvAccept[6],
          weight: tier(TIER.bootPermit),
          action: PERMIT,
          conditions,
        },
        pair,
      );
    }
    put({ ...permit, layer: LAYERS.inboundIcmpError[family], conditions: loopback }, pair);
    put({ ...permit, layer: LAYERS.outboundIcmpError[family], conditions: loopback }, ["persistent"]);
    put({ ...permit, layer: LAYERS.connect[family], conditions: loopback }, ["persistent"]);
    if (hasFeature("appContainerLoopbackFlags", config.windows)) {
      const desktop = [flagsSet(CONDITION_FLAG.IS_NON_APPCONTAINER_LOOPBACK), NO_APP_CONTAINER];
      put({ ...permit, layer: LAYERS.recvAccept[family], conditions: desktop }, pair);
      const contained = [flagsSet(CONDITION_FLAG.IS_APPCONTAINER_LOOPBACK)];
      put(
        {
          ...permit,
          name: "AppContainer loopback is open",
          layer: LAYERS.recvAccept[family],
          conditions: contained,
          originInContext: false,
        },
        pair,
      );
    } else {
      // Without AppContainers there is one kind of loopback.
      put({ ...permit, layer: LAYERS.recvAccept[family], conditions: loopback }, pair);
    }
    put({ ...block, layer: LAYERS.recvAccept[family] }, pair);
    put({ ...block, layer: LAYERS.inboundIcmpError[family] }, pair);
    // Recorded machines have no persistent twin of this one: forwarding is left to others once the machine runs.
    const passing = [flagsClear(CONDITION_FLAG.IS_OUTBOUND_PASS_THRU | CONDITION_FLAG.IS_INBOUND_PASS_THRU)];
    put({ ...block, name: "No forwarding at start-up", layer: LAYERS.ipForward[family], conditions: passing }, ["boot"]);
    for (const tunnel of TUNNEL_TYPES[family]) {
      const conditions = [
        interfaceTypeIs("ARRIVAL", IF_TYPE.tunnel),
        tunnelTypeIs("ARRIVAL", tunnel),
        flagsClear(CONDITION_FLAG.IS_LOOPBACK),
      ];
      const name = "No edge traversal unless a rule allows it";
      put({ ...block, name, layer: LAYERS.recvAccept[family], subLayer: SUBLAYER_KEY.EDGE_TRAVERSAL, conditions }, pair);
    }
  }
}
