import { CONDITION_FLAG, type EventName, formatEndpoint, type IpAddress, LAYER_KEY, REAUTHORIZE_REASON } from "../../model/index.ts";
import type { Host } from "../host.ts";
import { type Route, routeTo } from "../ip/route.ts";
import type { Packet } from "../packet.ts";
import { has } from "../versions/features.ts";
import type { SocketResult } from "../winsock-error.ts";
import type { AleEndpoint, TransportAddress } from "./endpoint.ts";
import { type AleFlow, createFlow } from "./flow.ts";
import { type Authorization, authorize } from "./pend.ts";
import { type RedirectedTarget, redirectConnect } from "./redirect.ts";

export type ConnectAuthorization =
  | { readonly result: "ok"; readonly local: IpAddress; readonly remote: TransportAddress; readonly flow: AleFlow; readonly route: Route }
  /** `pended`: a callout held the operation back, so that a datagram is lost whatever the end (WFP-SHIMS 4.7). */
  | { readonly result: Exclude<SocketResult, "ok"> };

/** Who wants to talk to whom. */
export interface ConnectRequest {
  readonly target: TransportAddress;
  readonly event: EventName;
  /** The first packet, which other protocols than TCP show at AUTH_CONNECT (WFP-SHIMS 4.4). */
  readonly firstPacket?: (local: IpAddress, remote: TransportAddress) => Packet;
  /** ICMP of the stack's own passes no redirect layer and leaves the endpoint as it is. */
  readonly skipRedirect?: boolean;
  readonly icmpType?: number;
  /** Seconds the flow lives without packets; null: as long as its connection. */
  readonly lifetime: number | null;
}

/**
 * Asks ALE for an outbound connection: ALE_CONNECT_REDIRECT, then ALE_AUTH_CONNECT for the destination that results (WFP-SHIMS 4.3.3).
 * `done` is called at once, or when a callout completes what it pended.
 */
export function authorizeConnect(
  host: Host,
  endpoint: AleEndpoint,
  request: ConnectRequest,
  done: (authorization: ConnectAuthorization, wasPended: boolean) => void,
): void {
  const { target } = request;
  const effective = request.skipRedirect === true ? target : redirectConnect(host, endpoint, target, request.event);
  if (effective === null) {
    done({ result: "WSAEACCES" }, false);
    return;
  }
  const route = routeTo(host, effective.address, endpoint.localAddress);
  if (route === undefined) {
    done({ result: "WSAENETUNREACH" }, false);
    return;
  }
  const redirected = effective.port !== target.port || formatEndpoint(effective.address, 0) !== formatEndpoint(target.address, 0);
  noteRedirect(endpoint, redirected ? target : null, effective);
  const family = aleFamily(host, endpoint, effective.address);
  const flow = newFlow(host, endpoint, request, effective, route, family);
  const ask = (remote: TransportAddress, by: Route, flags: number, reauthorizeReason?: number): Authorization => {
    const packet = request.firstPacket?.(by.source, remote) ?? null;
    const situation = {
      direction: "outbound",
      packet,
      connection: null,
      endpoint,
      flow,
      local: { address: by.source, port: endpoint.localPort },
      remote,
      nexthop: by.networkInterface,
      flags: flags | (endpoint.isRaw ? CONDITION_FLAG.IS_RAW_ENDPOINT : 0) | proxyFlag(host, endpoint),
      family,
      ...(reauthorizeReason === undefined ? {} : { reauthorizeReason }),
    } as const;
    return authorize(host, "authConnect", situation, request.event);
  };
  const conclude = (authorization: Authorization, wasPended: boolean): void => {
    if (authorization.kind === "pended") {
      // Completing is judged by a reauthorization (WFP-SHIMS 4.7, 4.6).
      authorization.whenComplete(() => {
        const flags = effectiveFlags | CONDITION_FLAG.IS_REAUTHORIZE;
        conclude(ask(effective, route, flags, REAUTHORIZE_REASON.CLASSIFY_COMPLETION), true);
      });
      return;
    }
    if (authorization.kind === "blocked") {
      done({ result: "WSAEACCES" }, wasPended);
      return;
    }
    flow.generation = host.engine.generation(flow.layerKey);
    const remote = { address: effective.address, port: effective.port };
    endpoint.owesClosure = true;
    host.flows.add(flow);
    done({ result: "ok", local: route.source, remote, flow, route }, wasPended);
  };
  const effectiveFlags = redirected ? CONDITION_FLAG.IS_CONNECTION_REDIRECTED : 0;
  if (redirected && honoursPolicy(host, route)) {
    // Since Windows 8 filters for the original destination are honoured as well (WFP-SHIMS 4.8, FWP_CONDITION_FLAG_IS_HONORING_POLICY_AUTHORIZE).
    const original = routeTo(host, target.address, endpoint.localAddress) ?? route;
    const first = ask(originalDestination(endpoint, target), original, CONDITION_FLAG.IS_HONORING_POLICY_AUTHORIZE);
    if (first.kind !== "permitted") {
      conclude(first.kind === "pended" ? first : { kind: "blocked", absorbed: first.absorbed }, false);
      return;
    }
  }
  conclude(ask(effective, route, effectiveFlags), false);
}

/** The IP version whose ALE layers judge a peer (Interpretation.dualStack, WFP-SHIMS 4.3.3). */
export function aleFamily(host: Host, endpoint: AleEndpoint, peer: IpAddress): 4 | 6 {
  return endpoint.isDualStack && host.interpretation.dualStack === "v6-only" ? 6 : peer.family;
}

function newFlow(
  host: Host,
  endpoint: AleEndpoint,
  { icmpType, lifetime }: ConnectRequest,
  remote: TransportAddress,
  route: Route,
  family: 4 | 6,
): AleFlow {
  const layerKey = family === 4 ? LAYER_KEY.ALE_AUTH_CONNECT_V4 : LAYER_KEY.ALE_AUTH_CONNECT_V6;
  return createFlow({
    handle: host.flows.nextHandle(),
    createdAt: "AUTH_CONNECT",
    layerKey,
    endpoint,
    protocol: endpoint.protocol,
    local: route.source,
    remote: { address: remote.address, port: remote.port },
    direction: "outbound",
    generation: host.engine.generation(layerKey),
    lastActive: host.clock.seconds,
    crossed: route.networkInterface,
    lifetime,
    ...(icmpType === undefined ? {} : { icmpType }),
  });
}

/** A connection redirected to this very machine is authorized once, for where it goes; others twice (WFP-SHIMS 4.8). */
function honoursPolicy(host: Host, route: Route): boolean {
  return has("policyHonouringAuthorization", host.windows) && !route.isLoopback;
}

/** A redirected IPv4 connection of a dual-stack socket shows no address at the first of the two calls (WFP-SHIMS 4.8). */
function originalDestination({ isDualStack }: AleEndpoint, target: TransportAddress): TransportAddress {
  if (!isDualStack || target.address.family === 6) return target;
  return { address: { family: 4, value: 0 }, port: target.port };
}

/** A proxy that hands on the redirect records of the connection it serves (WFP-SHIMS 4.8). */
function proxyFlag({ windows }: Host, { redirectRecords }: AleEndpoint): number {
  return redirectRecords === null || !has("redirectRecords", windows) ? 0 : CONDITION_FLAG.IS_PROXY_CONNECTION;
}

function noteRedirect(endpoint: AleEndpoint, from: TransportAddress | null, { localRedirectTargetPid }: RedirectedTarget): void {
  endpoint.redirectedFrom = from;
  endpoint.localRedirectTargetPid = localRedirectTargetPid ?? null;
}
