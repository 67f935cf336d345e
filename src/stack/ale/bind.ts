import { CONDITION_FLAG, type IpAddress, isUnspecified } from "../../model/index.ts";
import type { Host } from "../host.ts";
import { indicate } from "../indicate.ts";
import type { Situation } from "../situation.ts";
import { has } from "../versions/features.ts";
import type { SocketResult } from "../winsock-error.ts";
import type { AleEndpoint } from "./endpoint.ts";
import { type Authorization, authorize } from "./pend.ts";

/** What a bind asks for. `address` null: every address; `port` 0: a dynamic one. */
export interface BindRequest {
  readonly address: IpAddress | null;
  readonly port: number;
  /** Made by connect or sendto for a socket that was not bound. */
  readonly implicit: boolean;
}

export type BindResult = { readonly result: "ok"; readonly free: () => void } | { readonly result: Exclude<SocketResult, "ok"> };

/**
 * Binds an endpoint: ALE_BIND_REDIRECT, where a callout may change address and port, then ALE_RESOURCE_ASSIGNMENT with the port that
 * the stack picked (WFP-SHIMS 4.3.1). A callout may pend the latter; `done` is then called later.
 */
export function assignResource(host: Host, endpoint: AleEndpoint, request: BindRequest, done: (result: BindResult) => void): void {
  let { address, port } = request;
  const ports = host.portsOf(endpoint.protocol);
  const flags = bindFlags(host, endpoint, request);
  const situation = { direction: "outbound", packet: null, connection: null, endpoint, flags, implicitBind: request.implicit } as const;
  endpoint.localAddress = address;
  endpoint.localPort = port;
  // A raw socket is assigned when it is created; nothing binds it (WFP-SHIMS 4.4.2, WFP-CONFORMANCE C22).
  const redirect = endpoint.isRaw
    ? null
    : indicate(host, "bindRedirect", situation, "bind", {
        redirectBind: (target) => {
          address = isUnspecified(target.address) ? null : target.address;
          port = target.port;
        },
      });
  if (redirect?.passes === false) {
    done(refuse(endpoint, "WSAEACCES"));
    return;
  }
  const families: readonly (4 | 6)[] = endpoint.isDualStack && address === null ? [4, 6] : [endpoint.family];
  const chosen = ports === null ? 0 : port === 0 ? ports.dynamicPort(endpoint.family) : port;
  if (chosen === undefined || (ports !== null && families.some((family) => !ports.isFree(family, address, chosen)))) {
    done(refuse(endpoint, "WSAEADDRINUSE"));
    return;
  }
  endpoint.localAddress = address;
  endpoint.localPort = chosen;
  // Nobody else gets the port while a callout makes up its mind.
  const reservations = ports === null ? [] : families.map((family) => ports.reserve(family, address, chosen));
  const free = (): void => {
    for (const release of reservations) release();
    host.endpoints.remove(endpoint);
  };
  host.endpoints.add(endpoint);
  // A program that binds a dual-stack socket takes the port of both IP versions: recorded machines log 5158 at V4, then at V6
  // (WFP-CONFORMANCE Q5). What they log of a bind that connect makes is of one version only.
  const asksBoth = families.length === 2 && !request.implicit && host.interpretation.dualStack === "mixed";
  const first: Situation = asksBoth ? { ...situation, family: 4 } : situation;
  const ask = (asked: Situation): Authorization => authorize(host, "resourceAssignment", asked, "bind");
  const decide = (authorization: Authorization, asked: Situation): void => {
    if (authorization.kind === "pended") {
      authorization.whenComplete(() => decide(host.interpretation.pendedBind === "reclassify" ? ask(asked) : { kind: "permitted" }, asked));
      return;
    }
    if (authorization.kind === "blocked") {
      free();
      done(refuse(endpoint, "WSAEACCES"));
      return;
    }
    if (asked !== situation) {
      decide(ask(situation), situation);
      return;
    }
    endpoint.owesRelease = true;
    done({ result: "ok", free });
  };
  decide(ask(first), first);
}

function refuse(endpoint: AleEndpoint, result: Exclude<SocketResult, "ok">): BindResult {
  endpoint.localAddress = null;
  endpoint.localPort = 0;
  return { result };
}

/** IS_WILDCARD_BIND tells of port 0 or of no address (Interpretation.wildcardBind); IS_IMPLICIT_BIND existed before Windows 7 only. */
function bindFlags(host: Host, { isRaw }: AleEndpoint, { address, port, implicit }: BindRequest): number {
  const wildcard = isRaw ? false : host.interpretation.wildcardBind === "port" ? port === 0 : address === null;
  const implicitFlag = implicit && has("implicitBindFlag", host.windows);
  return (
    (wildcard ? CONDITION_FLAG.IS_WILDCARD_BIND : 0) |
    (implicitFlag ? CONDITION_FLAG.IS_IMPLICIT_BIND : 0) |
    (isRaw ? CONDITION_FLAG.IS_RAW_ENDPOINT : 0)
  );
}
