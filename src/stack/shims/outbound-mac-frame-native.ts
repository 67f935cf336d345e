import { LAYER_KEY } from "../../model/index.ts";
import { defineShim } from "./define-shim.ts";
import { noFlags } from "./fields/flag-fields.ts";
import { INTERFACE_FIELDS } from "./fields/interface-fields.ts";
import { MAC_FIELDS } from "./fields/mac-fields.ts";

/** A frame about to leave, as the adapter's medium has it (WFP-SHIMS 4.10). Windows 8 and later. */
export const outboundMacFrameNative = defineShim({
  name: "OUTBOUND_MAC_FRAME_NATIVE",
  layer: { 4: LAYER_KEY.OUTBOUND_MAC_FRAME_NATIVE, 6: LAYER_KEY.OUTBOUND_MAC_FRAME_NATIVE },
  fields: [INTERFACE_FIELDS, MAC_FIELDS],
  derivedFlags: noFlags,
});
