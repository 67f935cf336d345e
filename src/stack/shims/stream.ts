import { LAYER_KEY } from "../../model/index.ts";
import { defineShim } from "./define-shim.ts";
import { ENDPOINT_FIELDS } from "./fields/endpoint-fields.ts";
import { FLAG_FIELDS, loopbackFlag } from "./fields/flag-fields.ts";
import { INTERFACE_FIELDS } from "./fields/interface-fields.ts";

/** Bytes of a TCP connection (WFP-SHIMS 4.9). DIRECTION is the connection's. */
export const stream = defineShim({
  name: "STREAM",
  layer: { 4: LAYER_KEY.STREAM_V4, 6: LAYER_KEY.STREAM_V6 },
  fields: [ENDPOINT_FIELDS, INTERFACE_FIELDS, FLAG_FIELDS],
  derivedFlags: loopbackFlag,
  direction: "connection",
});
