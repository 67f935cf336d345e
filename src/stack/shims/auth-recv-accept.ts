import { LAYER_KEY } from "../../model/index.ts";
import { defineShim } from "./define-shim.ts";
import { ENDPOINT_FIELDS } from "./fields/endpoint-fields.ts";
import { aleLoopbackFlags, FLAG_FIELDS } from "./fields/flag-fields.ts";
import { INTERFACE_FIELDS } from "./fields/interface-fields.ts";
import { PROCESS_FIELDS } from "./fields/process-fields.ts";

/** An inbound connection, or the first datagram from a peer, and reauthorizations of the flow that it made (WFP-SHIMS 4.3.3, 4.4, 4.6). */
export const authRecvAccept = defineShim({
  name: "ALE_AUTH_RECV_ACCEPT",
  layer: { 4: LAYER_KEY.ALE_AUTH_RECV_ACCEPT_V4, 6: LAYER_KEY.ALE_AUTH_RECV_ACCEPT_V6 },
  fields: [ENDPOINT_FIELDS, INTERFACE_FIELDS, PROCESS_FIELDS, FLAG_FIELDS],
  derivedFlags: aleLoopbackFlags,
  otherFlags: ["IS_IPSEC_SECURED", "IS_REAUTHORIZE", "IS_RAW_ENDPOINT", "IS_AUTH_FW", "IS_RESERVED"],
});
