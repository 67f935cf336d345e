import type { Host } from "../host.ts";
import { indicate } from "../indicate.ts";
import type { AleEndpoint } from "./endpoint.ts";

/** ALE_AUTH_LISTEN: whether the endpoint may listen (WFP-SHIMS 4.3.2). */
export function authorizeListen(host: Host, endpoint: AleEndpoint): boolean {
  const { passes } = indicate(host, "authListen", { direction: "inbound", packet: null, connection: null, endpoint }, "listen");
  if (passes) endpoint.owesClosure = true;
  return passes;
}
