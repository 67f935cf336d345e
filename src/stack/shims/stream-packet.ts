import { LAYER_KEY } from "../../model/index.ts";
import { defineShim } from "./define-shim.ts";
import { ENDPOINT_FIELDS } from "./fields/endpoint-fields.ts";
import { FLAG_FIELDS, loopbackFlag } from "./fields/flag-fields.ts";
import { INTERFACE_FIELDS } from "./fields/interface-fields.ts";

/** A TCP segment, handshake and bare ACKs included (WFP-SHIMS 4.2). Windows 7 and later. */
export const streamPacket = defineShim({
  name: "STREAM_PACKET",
  layer: { 4: LAYER_KEY.STREAM_PACKET_V4, 6: LAYER_KEY.STREAM_PACKET_V6 },
  fields: [ENDPOINT_FIELDS, INTERFACE_FIELDS, FLAG_FIELDS],
  derivedFlags: loopbackFlag,
  direction: "packet",
});
