import { LAYER_KEY } from "../../model/index.ts";
import { defineShim } from "./define-shim.ts";
import { ENDPOINT_FIELDS } from "./fields/endpoint-fields.ts";
import { FLAG_FIELDS, noFlags } from "./fields/flag-fields.ts";
import { FORWARD_FIELDS } from "./fields/forward-fields.ts";
import { INTERFACE_FIELDS } from "./fields/interface-fields.ts";

/** A packet that passes through: for another host, or for (from) an address of another interface than it came by (WFP-SHIMS 4.2). */
export const ipforward = defineShim({
  name: "IPFORWARD",
  layer: { 4: LAYER_KEY.IPFORWARD_V4, 6: LAYER_KEY.IPFORWARD_V6 },
  fields: [ENDPOINT_FIELDS, INTERFACE_FIELDS, FORWARD_FIELDS, FLAG_FIELDS],
  derivedFlags: noFlags,
  otherFlags: ["IS_FRAGMENT_GROUP", "IS_OUTBOUND_PASS_THRU", "IS_INBOUND_PASS_THRU"],
});
