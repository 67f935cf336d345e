import { LAYER_KEY } from "../../model/index.ts";
import { defineShim } from "./define-shim.ts";
import { ENDPOINT_FIELDS } from "./fields/endpoint-fields.ts";
import { FLAG_FIELDS, loopbackFlag } from "./fields/flag-fields.ts";
import { INTERFACE_FIELDS } from "./fields/interface-fields.ts";

/** A packet at the top of the network layer: raw and third-party transports pass it as well (WFP-SHIMS 4.2). */
export const outboundTransport = defineShim({
  name: "OUTBOUND_TRANSPORT",
  layer: { 4: LAYER_KEY.OUTBOUND_TRANSPORT_V4, 6: LAYER_KEY.OUTBOUND_TRANSPORT_V6 },
  fields: [ENDPOINT_FIELDS, INTERFACE_FIELDS, FLAG_FIELDS],
  derivedFlags: loopbackFlag,
  otherFlags: ["IS_RAW_ENDPOINT", "IS_IPSEC_NATT_RECLASSIFY"],
});
