import { CONDITION_FLAG, existsIn, type IpAddress, isUnspecified } from "../../model/index.ts";
import type { Host } from "../host.ts";
import { indicate } from "../indicate.ts";
import type { SocketResult } from "../winsock-error.ts";
import type { AleEndpoint } from "./endpoint.ts";

/** What a bind asks for. `address` null: every address; `port` 0: a dynamic one. */
export interface BindRequest {
  readonly address: IpAddress | null;
  readonly port: number;
  /** Made by connect for a socket that was not bound. */
  readonly implicit: boolean;
}

export type BindResult = { readonly result: "ok"; readonly free: () => void } | { readonly result: Exclude<SocketResult, "ok"> };

/**
 * Binds an endpoint: ALE_BIND_REDIRECT, where a callout may change address and port, then ALE_RESOURCE_ASSIGNMENT with the port that
 * the stack picked (WFP-SHIMS 4.3.1).
 */
export function assignResource(host: Host, endpoint: AleEndpoint, request: BindRequest): BindResult {
  let { address, port } = request;
  const flags = bindFlags(host, request);
  const situation = { direction: "outbound", packet: null, connection: null, endpoint, flags, implicitBind: request.implicit } as const;
  endpoint.localAddress = address;
  endpoint.localPort = port;
  const redirect = indicate(host, "bindRedirect", situation, "bind", {
    redirectBind: (target) => {
      address = isUnspecified(target.address) ? null : target.address;
      port = target.port;
    },
  });
  if (!redirect.passes) return refuse(endpoint, "WSAEACCES");
  const chosen = port === 0 ? host.ports.dynamicPort(endpoint.family) : port;
  if (chosen === undefined || !host.ports.isFree(endpoint.family, address, chosen)) return refuse(endpoint, "WSAEADDRINUSE");
  endpoint.localAddress = address;
  endpoint.localPort = chosen;
  if (!indicate(host, "resourceAssignment", situation, "bind").passes) return refuse(endpoint, "WSAEACCES");
  endpoint.owesRelease = true;
  return { result: "ok", free: host.ports.reserve(endpoint.family, address, chosen) };
}

function refuse(endpoint: AleEndpoint, result: Exclude<SocketResult, "ok">): BindResult {
  endpoint.localAddress = null;
  endpoint.localPort = 0;
  return { result };
}

/** IS_WILDCARD_BIND tells of port 0 or of no address (Interpretation.wildcardBind); IS_IMPLICIT_BIND existed before Windows 7 only. */
function bindFlags(host: Host, { address, port, implicit }: BindRequest): number {
  const wildcard = host.interpretation.wildcardBind === "port" ? port === 0 : address === null;
  const implicitFlag = implicit && !existsIn("7", host.windows);
  return (wildcard ? CONDITION_FLAG.IS_WILDCARD_BIND : 0) | (implicitFlag ? CONDITION_FLAG.IS_IMPLICIT_BIND : 0);
}
