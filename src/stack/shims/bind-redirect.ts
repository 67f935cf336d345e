import { LAYER_KEY } from "../../model/index.ts";
import { defineShim } from "./define-shim.ts";
import { ENDPOINT_FIELDS } from "./fields/endpoint-fields.ts";
import { FLAG_FIELDS, noFlags } from "./fields/flag-fields.ts";
import { INTERFACE_FIELDS } from "./fields/interface-fields.ts";
import { PROCESS_FIELDS } from "./fields/process-fields.ts";

/** Before a bind takes effect: a callout may change the local address and port (WFP-SHIMS 4.3.1). Windows 7 and later. */
export const bindRedirect = defineShim({
  name: "ALE_BIND_REDIRECT",
  layer: { 4: LAYER_KEY.ALE_BIND_REDIRECT_V4, 6: LAYER_KEY.ALE_BIND_REDIRECT_V6 },
  fields: [ENDPOINT_FIELDS, INTERFACE_FIELDS, PROCESS_FIELDS, FLAG_FIELDS],
  derivedFlags: noFlags,
  otherFlags: ["IS_RAW_ENDPOINT"],
});
