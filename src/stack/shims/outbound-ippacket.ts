import { LAYER_KEY } from "../../model/index.ts";
import { defineShim } from "./define-shim.ts";
import { ENDPOINT_FIELDS } from "./fields/endpoint-fields.ts";
import { FLAG_FIELDS, loopbackFlag } from "./fields/flag-fields.ts";
import { INTERFACE_FIELDS } from "./fields/interface-fields.ts";

/** A packet as it goes out, all headers in place, before fragmentation (WFP-SHIMS 4.2). */
export const outboundIppacket = defineShim({
  name: "OUTBOUND_IPPACKET",
  layer: { 4: LAYER_KEY.OUTBOUND_IPPACKET_V4, 6: LAYER_KEY.OUTBOUND_IPPACKET_V6 },
  fields: [ENDPOINT_FIELDS, INTERFACE_FIELDS, FLAG_FIELDS],
  derivedFlags: loopbackFlag,
});
