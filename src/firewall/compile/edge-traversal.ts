import { CALLOUT_KEY, CONDITION_FLAG, type FirewallRule, type Guid, SOCKET_PROPERTY_FLAG, SUBLAYER_KEY } from "../../model/index.ts";
import type { CompileContext } from "./compile-context.ts";
import { flagsSet, interfaceTypeIs, protocolIs, tunnelTypeIs } from "./conditions.ts";
import { PERMIT } from "./filter-writer.ts";
import { type Family, LAYERS } from "./layers.ts";
import { IF_TYPE, PROTOCOL, TUNNEL_TYPES } from "./numbers.ts";
import { type Alternatives, ANY, product } from "./rule-conditions.ts";
import { flowAlternatives, isIcmp, socketAlternatives } from "./rule-filters.ts";
import { TIER, tier } from "./weights.ts";

const CALLOUT: Readonly<Record<"bind" | "listen", Readonly<Record<Family, Guid>>>> = {
  bind: { 4: CALLOUT_KEY.EDGE_TRAVERSAL_ALE_RESOURCE_ASSIGNMENT_V4, 6: CALLOUT_KEY.EDGE_TRAVERSAL_ALE_RESOURCE_ASSIGNMENT_V6 },
  listen: { 4: CALLOUT_KEY.EDGE_TRAVERSAL_ALE_LISTEN_V4, 6: CALLOUT_KEY.EDGE_TRAVERSAL_ALE_LISTEN_V6 },
};

/**
 * A rule with edge traversal, in the sublayer that closes NAT traversal tunnels: callouts tell Teredo of the socket, permits let its
 * traffic in (WFP-DIAGNOSTICS-FIREWALL 6.3).
 */
export function compileEdgeTraversal(context: CompileContext, rule: FirewallRule, family: Family): void {
  const { edgeTraversal = "block" } = rule;
  if (edgeTraversal === "block" || edgeTraversal === "defer-user") return;
  const { writer } = context;
  const asked = flagsSet(SOCKET_PROPERTY_FLAG.ALLOW_EDGE_TRAFFIC, "ALE_SIO_FIREWALL_SYSTEM_PORT");
  const bySocket: Alternatives = [edgeTraversal === "defer-app" ? [asked] : []];
  const common = {
    name: rule.name,
    subLayer: SUBLAYER_KEY.EDGE_TRAVERSAL,
    weight: tier(TIER.allow),
    origin: rule.id,
    originInContext: false,
  };
  if (!isIcmp(rule)) {
    for (const conditions of product(socketAlternatives(context, rule, family), bySocket)) {
      const action = (at: "bind" | "listen") => ({ type: "FWP_ACTION_CALLOUT_TERMINATING" as const, calloutKey: CALLOUT[at][family] });
      if (rule.protocol === PROTOCOL.udp || rule.protocol === "any") {
        const bound = [...conditions, protocolIs(PROTOCOL.udp)];
        writer.write({ ...common, layer: LAYERS.resourceAssignment[family], action: action("bind"), conditions: bound });
      }
      if (rule.protocol === PROTOCOL.tcp || rule.protocol === "any") {
        writer.write({ ...common, layer: LAYERS.listen[family], action: action("listen"), conditions });
      }
    }
  }
  const tunnels: Alternatives = TUNNEL_TYPES[family].flatMap((tunnel) => [
    [interfaceTypeIs("ARRIVAL", IF_TYPE.tunnel), tunnelTypeIs("ARRIVAL", tunnel)],
    [interfaceTypeIs("NEXTHOP", IF_TYPE.tunnel), tunnelTypeIs("NEXTHOP", tunnel), flagsSet(CONDITION_FLAG.IS_REAUTHORIZE)],
  ]);
  // A socket that asked for edge traffic may have it by whatever way it comes, as the recorded rule of that kind shows.
  const ways = edgeTraversal === "defer-app" ? ANY : tunnels;
  for (const conditions of product(flowAlternatives(context, rule, family, bySocket), ways)) {
    writer.write({ ...common, layer: LAYERS.recvAccept[family], action: PERMIT, conditions });
  }
}
