import { LAYER_KEY } from "../../model/index.ts";
import { defineShim } from "./define-shim.ts";
import { ENDPOINT_FIELDS } from "./fields/endpoint-fields.ts";
import { aleLoopbackFlags, FLAG_FIELDS } from "./fields/flag-fields.ts";
import { INTERFACE_FIELDS } from "./fields/interface-fields.ts";
import { PROCESS_FIELDS } from "./fields/process-fields.ts";

/** An outbound connection, or the first datagram to a peer, and reauthorizations of the flow that it made (WFP-SHIMS 4.3.3, 4.4, 4.6). */
export const authConnect = defineShim({
  name: "ALE_AUTH_CONNECT",
  layer: { 4: LAYER_KEY.ALE_AUTH_CONNECT_V4, 6: LAYER_KEY.ALE_AUTH_CONNECT_V6 },
  fields: [ENDPOINT_FIELDS, INTERFACE_FIELDS, PROCESS_FIELDS, FLAG_FIELDS],
  derivedFlags: aleLoopbackFlags,
  otherFlags: [
    "IS_IPSEC_SECURED",
    "IS_REAUTHORIZE",
    "IS_RAW_ENDPOINT",
    "IS_NAME_APP_SPECIFIED",
    "IS_AUTH_FW",
    "IS_CONNECTION_REDIRECTED",
    "IS_PROXY_CONNECTION",
    "IS_HONORING_POLICY_AUTHORIZE",
  ],
  // Not in the table of flags.json, but on the page about redirection (WFP-SHIMS 4.8).
  metadata: ["originalDestination", "localRedirectTargetPid"],
});
