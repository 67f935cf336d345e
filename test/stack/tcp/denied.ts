import { FIELD_KEY, LAYER_KEY, REAUTHORIZE_REASON, uint32 } from "../../../src/model/index.ts";
import type { Host } from "../../../src/stack/index.ts";

/**
 * From now on the flows of `host` leave by another interface than before, which a filter forbids (WFP-SHIMS 4.6, NEW_NEXTHOP_INTERFACE):
 * what comes in still passes, the first segment that goes out is denied.
 */
export function denyOutbound(host: Host): void {
  const session = host.bfe.openSession({ name: "test" });
  for (const layer of [LAYER_KEY.ALE_AUTH_CONNECT_V4, LAYER_KEY.ALE_AUTH_RECV_ACCEPT_V4]) {
    session.addFilter({
      name: "not by another interface",
      layer,
      conditions: [
        {
          fieldKey: FIELD_KEY.REAUTHORIZE_REASON,
          matchType: "FWP_MATCH_FLAGS_ALL_SET",
          value: uint32(REAUTHORIZE_REASON.NEW_NEXTHOP_INTERFACE),
        },
      ],
      action: { type: "FWP_ACTION_BLOCK" },
    });
  }
  const [loopback = null] = host.interfaces;
  for (const flow of host.flows.flows) flow.nexthop = loopback;
}
