import { LAYER_KEY } from "../../model/index.ts";
import { defineShim } from "./define-shim.ts";
import { ENDPOINT_FIELDS } from "./fields/endpoint-fields.ts";
import { FLAG_FIELDS, loopbackFlag } from "./fields/flag-fields.ts";
import { INTERFACE_FIELDS } from "./fields/interface-fields.ts";

/** A packet as it came in, its IP header parsed (WFP-SHIMS 4.2). */
export const inboundIppacket = defineShim({
  name: "INBOUND_IPPACKET",
  layer: { 4: LAYER_KEY.INBOUND_IPPACKET_V4, 6: LAYER_KEY.INBOUND_IPPACKET_V6 },
  fields: [ENDPOINT_FIELDS, INTERFACE_FIELDS, FLAG_FIELDS],
  derivedFlags: loopbackFlag,
  otherFlags: ["IS_IPSEC_SECURED", "IS_FRAGMENT", "IS_REASSEMBLED"],
});
