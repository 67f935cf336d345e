import { CONDITION_FLAG, existsIn, formatEndpoint, type IpAddress, LAYER_KEY } from "../../model/index.ts";
import type { Host } from "../host.ts";
import { indicate } from "../indicate.ts";
import { type Route, routeTo } from "../ip/route.ts";
import type { SocketResult } from "../winsock-error.ts";
import type { AleEndpoint, TransportAddress } from "./endpoint.ts";
import type { AleFlow } from "./flow.ts";
import { type RedirectedTarget, redirectConnect } from "./redirect.ts";

export type ConnectAuthorization =
  | { readonly result: "ok"; readonly local: IpAddress; readonly remote: TransportAddress; readonly flow: AleFlow }
  | { readonly result: Exclude<SocketResult, "ok"> };

/**
 * Asks ALE for an outbound connection: ALE_CONNECT_REDIRECT, then ALE_AUTH_CONNECT for the destination that results (WFP-SHIMS 4.3.3).
 * A block at either makes connect fail at once with WSAEACCES.
 */
export function authorizeConnect(host: Host, endpoint: AleEndpoint, target: TransportAddress): ConnectAuthorization {
  const effective = redirectConnect(host, endpoint, target);
  if (effective === null) return { result: "WSAEACCES" };
  const route = routeTo(host, effective.address, endpoint.localAddress);
  if (route === undefined) return { result: "WSAENETUNREACH" };
  const redirected = effective.port !== target.port || formatEndpoint(effective.address, 0) !== formatEndpoint(target.address, 0);
  noteRedirect(endpoint, redirected ? target : null, effective);
  const flow: AleFlow = {
    handle: host.flows.nextHandle(),
    createdAt: "AUTH_CONNECT",
    layerKey: endpoint.family === 4 ? LAYER_KEY.ALE_AUTH_CONNECT_V4 : LAYER_KEY.ALE_AUTH_CONNECT_V6,
    direction: "outbound",
    originalProfile: route.networkInterface.profile,
    generation: 0,
    state: "authorized",
  };
  flow.generation = host.engine.generation(flow.layerKey);
  if (redirected && honoursPolicy(host, route)) {
    // Since Windows 8 filters for the original destination are honoured as well (WFP-SHIMS 4.8, FWP_CONDITION_FLAG_IS_HONORING_POLICY_AUTHORIZE).
    const original = routeTo(host, target.address, endpoint.localAddress) ?? route;
    if (!isAuthorized(host, endpoint, flow, target, original, CONDITION_FLAG.IS_HONORING_POLICY_AUTHORIZE)) return { result: "WSAEACCES" };
  }
  if (!isAuthorized(host, endpoint, flow, effective, route, redirected ? CONDITION_FLAG.IS_CONNECTION_REDIRECTED : 0)) {
    return { result: "WSAEACCES" };
  }
  endpoint.localAddress = route.source;
  endpoint.remote = { address: effective.address, port: effective.port };
  endpoint.owesClosure = true;
  host.flows.add(flow);
  return { result: "ok", local: route.source, remote: endpoint.remote, flow };
}

/** One ALE_AUTH_CONNECT. No packet is attached for TCP (WFP-SHIMS 4.3.3). */
function isAuthorized(host: Host, endpoint: AleEndpoint, flow: AleFlow, remote: TransportAddress, route: Route, flags: number): boolean {
  const situation = {
    direction: "outbound",
    packet: null,
    connection: null,
    endpoint,
    flow,
    local: { address: route.source, port: endpoint.localPort },
    remote,
    nexthop: route.networkInterface,
    flags,
  } as const;
  return indicate(host, "authConnect", situation, "connect").passes;
}

/** A connection redirected to this very machine is authorized once, for where it goes; others twice (WFP-SHIMS 4.8). */
function honoursPolicy(host: Host, route: Route): boolean {
  return existsIn("8", host.windows) && !route.isLoopback;
}

function noteRedirect(endpoint: AleEndpoint, from: TransportAddress | null, { localRedirectTargetPid }: RedirectedTarget): void {
  endpoint.redirectedFrom = from;
  endpoint.localRedirectTargetPid = localRedirectTargetPid ?? null;
}
