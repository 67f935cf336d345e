import type { EventName } from "../../model/index.ts";
import type { Host } from "../host.ts";
import { indicate } from "../indicate.ts";
import type { AleEndpoint, TransportAddress } from "./endpoint.ts";

/** Where a connection goes after ALE_CONNECT_REDIRECT. */
export interface RedirectedTarget extends TransportAddress {
  readonly localRedirectTargetPid?: number;
}

/**
 * ALE_CONNECT_REDIRECT: a callout may change the remote end of this connection (WFP-SHIMS 4.8). Null if a filter blocks it. The layer
 * exists since Windows 7. A dual-stack socket asks the V6 layer with the mapped address (WFP-SHIMS 4.3.3).
 */
export function redirectConnect(host: Host, endpoint: AleEndpoint, target: TransportAddress, event: EventName): RedirectedTarget | null {
  let redirected: RedirectedTarget = target;
  const family = endpoint.isDualStack ? 6 : target.address.family;
  const situation = { direction: "outbound", packet: null, connection: null, endpoint, remote: target, family } as const;
  const { passes } = indicate(host, "connectRedirect", situation, event, {
    redirectConnect: (wanted) => {
      redirected = wanted;
    },
  });
  return passes ? redirected : null;
}
