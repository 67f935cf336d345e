import { LAYER_KEY } from "../../model/index.ts";
import { defineShim } from "./define-shim.ts";
import { ENDPOINT_FIELDS } from "./fields/endpoint-fields.ts";
import { FLAG_FIELDS, noFlags } from "./fields/flag-fields.ts";
import { INTERFACE_FIELDS } from "./fields/interface-fields.ts";

/** A datagram of an authorized flow (WFP-SHIMS 4.4). DIRECTION is the packet's. */
export const datagramData = defineShim({
  name: "DATAGRAM_DATA",
  layer: { 4: LAYER_KEY.DATAGRAM_DATA_V4, 6: LAYER_KEY.DATAGRAM_DATA_V6 },
  fields: [ENDPOINT_FIELDS, INTERFACE_FIELDS, FLAG_FIELDS],
  derivedFlags: noFlags,
  otherFlags: ["IS_RAW_ENDPOINT"],
  direction: "packet",
});
