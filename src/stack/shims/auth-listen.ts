import { LAYER_KEY } from "../../model/index.ts";
import { defineShim } from "./define-shim.ts";
import { ENDPOINT_FIELDS } from "./fields/endpoint-fields.ts";
import { FLAG_FIELDS, noFlags } from "./fields/flag-fields.ts";
import { INTERFACE_FIELDS } from "./fields/interface-fields.ts";
import { PROCESS_FIELDS } from "./fields/process-fields.ts";

/** listen() of a TCP socket (WFP-SHIMS 4.3.2). */
export const authListen = defineShim({
  name: "ALE_AUTH_LISTEN",
  layer: { 4: LAYER_KEY.ALE_AUTH_LISTEN_V4, 6: LAYER_KEY.ALE_AUTH_LISTEN_V6 },
  fields: [ENDPOINT_FIELDS, INTERFACE_FIELDS, PROCESS_FIELDS, FLAG_FIELDS],
  derivedFlags: noFlags,
  otherFlags: ["IS_RECLASSIFY"],
});
