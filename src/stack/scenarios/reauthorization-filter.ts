import type { FilterDefinition } from "../../engine/index.ts";
import { type Condition, FIELD_KEY, type FilterAction, LAYER_KEY, uint16 } from "../../model/index.ts";
import type { Stage } from "./stage.ts";

/** A filter at the layer that authorized the server's flow: its addition alone has the flow judged again. */
export function recvAcceptFilter(stage: Stage, action: "block-all" | "block-other-port"): FilterDefinition {
  const { family } = stage.serverAddress;
  const conditions: readonly Condition[] =
    action === "block-all"
      ? []
      : [{ fieldKey: FIELD_KEY.IP_LOCAL_PORT, matchType: "FWP_MATCH_EQUAL", value: uint16(stage.serverPort === 9 ? 7 : 9) }];
  const block: FilterAction = { type: "FWP_ACTION_BLOCK" };
  return {
    name: action === "block-all" ? "block everything" : "block another port",
    layer: family === 4 ? LAYER_KEY.ALE_AUTH_RECV_ACCEPT_V4 : LAYER_KEY.ALE_AUTH_RECV_ACCEPT_V6,
    conditions,
    action: block,
  };
}
