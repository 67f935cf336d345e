import { LAYER_KEY } from "../../model/index.ts";
import { defineShim } from "./define-shim.ts";
import { noFlags } from "./fields/flag-fields.ts";
import { INTERFACE_FIELDS } from "./fields/interface-fields.ts";
import { MAC_FIELDS } from "./fields/mac-fields.ts";

/** A frame that came in, as Ethernet (WFP-SHIMS 4.10). Windows 8 and later. */
export const inboundMacFrameEthernet = defineShim({
  name: "INBOUND_MAC_FRAME_ETHERNET",
  layer: { 4: LAYER_KEY.INBOUND_MAC_FRAME_ETHERNET, 6: LAYER_KEY.INBOUND_MAC_FRAME_ETHERNET },
  fields: [INTERFACE_FIELDS, MAC_FIELDS],
  derivedFlags: noFlags,
});
