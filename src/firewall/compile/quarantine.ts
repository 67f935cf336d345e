import { appIdBlob, byteBlob, CONDITION_FLAG, parseAddress, SUBLAYER_KEY, SYSTEM_APP_ID, subnetRange, uint64 } from "../../model/index.ts";
import { ORIGIN } from "../origin.ts";
import { addressIn } from "./address-conditions.ts";
import type { CompileContext } from "./compile-context.ts";
import { equal, flagsClear, flagsSet, interfaceIs, interfaceTypeIs, portIs, protocolIs } from "./conditions.ts";
import { BLOCK, type FilterDraft, PERMIT } from "./filter-writer.ts";
import { FAMILIES, type Family, LAYERS } from "./layers.ts";
import { IF_TYPE, PROTOCOL } from "./numbers.ts";
import { MAX_WEIGHT, tier } from "./weights.ts";

/** The router's announcements come from its link-local address. */
const LINK_LOCAL = subnetRange(parseAddress("fe80::"), 16);

/**
 * Nothing new comes in through an interface whose network has just changed, until the firewall has sorted out which profile it belongs
 * to (WFP-DIAGNOSTICS-FIREWALL 6.6). Rules cannot make exceptions.
 */
export function compileQuarantine(context: CompileContext): void {
  if (!context.config.quarantine) return;
  for (const family of FAMILIES) {
    compileInterfaces(context, family);
    compileDefaults(context, family);
  }
}

function compileDefaults({ writer }: CompileContext, family: Family): void {
  const notLoopback = flagsClear(CONDITION_FLAG.IS_LOOPBACK);
  const put = (draft: Omit<FilterDraft, "subLayer" | "lifetime" | "origin">) =>
    writer.write({ ...draft, subLayer: SUBLAYER_KEY.MPSSVC_QUARANTINE, lifetime: "persistent", origin: ORIGIN.quarantine });
  const recvAccept = LAYERS.recvAccept[family];
  put({ name: "Quarantine: closed", layer: recvAccept, weight: tier(0), action: BLOCK, conditions: [notLoopback] });

  const loopback = { name: "Quarantine: loopback", weight: MAX_WEIGHT, action: PERMIT, conditions: [flagsSet(CONDITION_FLAG.IS_LOOPBACK)] };
  put({ ...loopback, layer: recvAccept });
  put({ ...loopback, layer: LAYERS.connect[family] });

  const exception = { layer: recvAccept, weight: tier(1), action: PERMIT };
  put({ ...exception, name: "Quarantine: tunnel", conditions: [interfaceTypeIs("ARRIVAL", IF_TYPE.tunnel), notLoopback] });
  const reauthorized = flagsSet(CONDITION_FLAG.IS_REAUTHORIZE);
  put({
    ...exception,
    name: "Quarantine: tunnel, by outbound packet",
    conditions: [interfaceTypeIs("NEXTHOP", IF_TYPE.tunnel), reauthorized],
  });
  const [client, server] = family === 4 ? [68, 67] : [546, 547];
  put({
    ...exception,
    name: "Quarantine: DHCP",
    conditions: [protocolIs(PROTOCOL.udp), portIs("local", client), portIs("remote", server), notLoopback],
  });
  if (family === 4) return;
  put({ ...exception, name: "Quarantine: neighbour solicitation", conditions: [protocolIs(PROTOCOL.icmpV6), portIs("local", 135)] });
  put({
    ...exception,
    name: "Quarantine: router advertisement",
    conditions: [
      protocolIs(PROTOCOL.icmpV6),
      portIs("local", 134),
      equal("ALE_APP_ID", byteBlob(appIdBlob(SYSTEM_APP_ID))),
      addressIn("REMOTE", LINK_LOCAL),
    ],
  });
}

/** Interfaces the firewall has caught up with. They stop matching when the network changes and the epoch with it. */
function compileInterfaces({ writer, config }: CompileContext, family: Family): void {
  for (const { alias, luid, quarantineEpoch, quarantined } of config.interfaces) {
    if (quarantined === true) continue;
    const epoch = equal("INTERFACE_QUARANTINE_EPOCH", uint64(quarantineEpoch));
    const common = {
      description: `Interface ${alias}`,
      layer: LAYERS.recvAccept[family],
      subLayer: SUBLAYER_KEY.MPSSVC_QUARANTINE,
      weight: tier(0),
      action: PERMIT,
    };
    writer.write({
      ...common,
      name: "Interface out of quarantine",
      conditions: [epoch, interfaceIs("ARRIVAL", luid), flagsClear(CONDITION_FLAG.IS_LOOPBACK)],
    });
    writer.write({
      ...common,
      name: "Interface out of quarantine, by outbound packet",
      conditions: [epoch, interfaceIs("NEXTHOP", luid), flagsSet(CONDITION_FLAG.IS_REAUTHORIZE)],
    });
  }
}
