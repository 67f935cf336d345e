import { LAYER_KEY } from "../../model/index.ts";
import { defineShim } from "./define-shim.ts";
import { ENDPOINT_FIELDS } from "./fields/endpoint-fields.ts";
import { FLAG_FIELDS, noFlags } from "./fields/flag-fields.ts";
import { INTERFACE_FIELDS } from "./fields/interface-fields.ts";
import { PROCESS_FIELDS } from "./fields/process-fields.ts";

/** The end of what a listen, connect or accept made (WFP-SHIMS 4.3.6). Windows 7 and later. */
export const endpointClosure = defineShim({
  name: "ALE_ENDPOINT_CLOSURE",
  layer: { 4: LAYER_KEY.ALE_ENDPOINT_CLOSURE_V4, 6: LAYER_KEY.ALE_ENDPOINT_CLOSURE_V6 },
  fields: [ENDPOINT_FIELDS, INTERFACE_FIELDS, PROCESS_FIELDS, FLAG_FIELDS],
  derivedFlags: noFlags,
});
