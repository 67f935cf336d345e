import type { Host } from "../host.ts";
import { indicate } from "../indicate.ts";
import type { AleEndpoint } from "./endpoint.ts";

/**
 * ALE_ENDPOINT_CLOSURE, if a listen, connect or accept of the endpoint was permitted (WFP-SHIMS 4.3.6). Its verdict changes nothing:
 * what is closing stays closed. Windows 7 and later.
 */
export function indicateClosure(host: Host, endpoint: AleEndpoint): void {
  if (!endpoint.owesClosure) return;
  endpoint.owesClosure = false;
  indicate(host, "endpointClosure", { direction: "outbound", packet: null, connection: null, endpoint }, "close");
}

/** The end of an endpoint: closure, then ALE_RESOURCE_RELEASE for what it was bound to. */
export function closeEndpoint(host: Host, endpoint: AleEndpoint): void {
  indicateClosure(host, endpoint);
  if (!endpoint.owesRelease) return;
  endpoint.owesRelease = false;
  indicate(host, "resourceRelease", { direction: "outbound", packet: null, connection: null, endpoint }, "close");
}
