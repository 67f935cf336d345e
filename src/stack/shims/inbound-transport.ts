import { LAYER_KEY } from "../../model/index.ts";
import { defineShim } from "./define-shim.ts";
import { ENDPOINT_FIELDS } from "./fields/endpoint-fields.ts";
import { FLAG_FIELDS, inboundTransportFlags } from "./fields/flag-fields.ts";
import { INTERFACE_FIELDS } from "./fields/interface-fields.ts";

/** A packet after reassembly and IPsec, before ALE is asked (WFP-SHIMS 4.2). */
export const inboundTransport = defineShim({
  name: "INBOUND_TRANSPORT",
  layer: { 4: LAYER_KEY.INBOUND_TRANSPORT_V4, 6: LAYER_KEY.INBOUND_TRANSPORT_V6 },
  fields: [ENDPOINT_FIELDS, INTERFACE_FIELDS, FLAG_FIELDS],
  derivedFlags: inboundTransportFlags,
  otherFlags: ["IS_IPSEC_SECURED", "IS_RAW_ENDPOINT", "IS_IPSEC_NATT_RECLASSIFY"],
});
