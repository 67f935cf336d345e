import { LAYER_KEY } from "../../model/index.ts";
import { defineShim } from "./define-shim.ts";
import { ENDPOINT_FIELDS } from "./fields/endpoint-fields.ts";
import { FLAG_FIELDS, noFlags } from "./fields/flag-fields.ts";
import { INTERFACE_FIELDS } from "./fields/interface-fields.ts";
import { PROCESS_FIELDS } from "./fields/process-fields.ts";

/** A bind, explicit or implicit, with the port that was picked; raw sockets and promiscuous mode too (WFP-SHIMS 4.3.1). */
export const resourceAssignment = defineShim({
  name: "ALE_RESOURCE_ASSIGNMENT",
  layer: { 4: LAYER_KEY.ALE_RESOURCE_ASSIGNMENT_V4, 6: LAYER_KEY.ALE_RESOURCE_ASSIGNMENT_V6 },
  fields: [ENDPOINT_FIELDS, INTERFACE_FIELDS, PROCESS_FIELDS, FLAG_FIELDS],
  derivedFlags: noFlags,
  otherFlags: ["IS_WILDCARD_BIND", "IS_IMPLICIT_BIND", "IS_RAW_ENDPOINT", "IS_RECLASSIFY"],
});
