import { LAYER_KEY } from "../../model/index.ts";
import { defineShim } from "./define-shim.ts";
import { ENDPOINT_FIELDS } from "./fields/endpoint-fields.ts";
import { FLAG_FIELDS, loopbackFlag } from "./fields/flag-fields.ts";
import { INTERFACE_FIELDS } from "./fields/interface-fields.ts";

/** An ICMP error received; the EMBEDDED fields describe the packet that it quotes (WFP-SHIMS 4.4.1). */
export const inboundIcmpError = defineShim({
  name: "INBOUND_ICMP_ERROR",
  layer: { 4: LAYER_KEY.INBOUND_ICMP_ERROR_V4, 6: LAYER_KEY.INBOUND_ICMP_ERROR_V6 },
  fields: [ENDPOINT_FIELDS, INTERFACE_FIELDS, FLAG_FIELDS],
  derivedFlags: loopbackFlag,
  otherFlags: ["IS_RAW_ENDPOINT"],
});
