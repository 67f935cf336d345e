import { LAYER_KEY } from "../../model/index.ts";
import { defineShim } from "./define-shim.ts";
import { ENDPOINT_FIELDS } from "./fields/endpoint-fields.ts";
import { FLAG_FIELDS, loopbackFlag } from "./fields/flag-fields.ts";
import { INTERFACE_FIELDS } from "./fields/interface-fields.ts";
import { PROCESS_FIELDS } from "./fields/process-fields.ts";

/** The handshake is over, or the first datagram was authorized (WFP-SHIMS 4.3.3, 4.4). DIRECTION is the connection's. */
export const flowEstablished = defineShim({
  name: "ALE_FLOW_ESTABLISHED",
  layer: { 4: LAYER_KEY.ALE_FLOW_ESTABLISHED_V4, 6: LAYER_KEY.ALE_FLOW_ESTABLISHED_V6 },
  fields: [ENDPOINT_FIELDS, INTERFACE_FIELDS, PROCESS_FIELDS, FLAG_FIELDS],
  derivedFlags: loopbackFlag,
  otherFlags: ["IS_AUTH_FW", "IS_PROXY_CONNECTION", "IS_RAW_ENDPOINT"],
  direction: "connection",
});
