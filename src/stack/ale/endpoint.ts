import type { IpAddress } from "../../model/index.ts";
import type { Process } from "../process.ts";

/** One end as an address and a port. */
export interface TransportAddress {
  readonly address: IpAddress;
  readonly port: number;
}

/** What ALE keeps of a socket: who owns it, what it is bound to, what it must release (WFP-SHIMS 4.3). */
export interface AleEndpoint {
  /** TRANSPORT_ENDPOINT_HANDLE metadata. */
  readonly handle: bigint;
  /** PARENT_ENDPOINT_HANDLE: the listener of an accepted connection. */
  readonly parent: bigint | null;
  readonly process: Process;
  readonly family: 4 | 6;
  readonly protocol: number;
  /** null: every address of the host, or none yet. */
  localAddress: IpAddress | null;
  /** 0: none yet. */
  localPort: number;
  remote: TransportAddress | null;
  /** Set where a callout redirected the connection: where the program wanted to go. */
  redirectedFrom: TransportAddress | null;
  /** Process that serves a connection redirected to this machine. */
  localRedirectTargetPid: number | null;
  /** A permitted bind is owed its ALE_RESOURCE_RELEASE. */
  owesRelease: boolean;
  /** A permitted listen, connect or accept is owed its ALE_ENDPOINT_CLOSURE. */
  owesClosure: boolean;
}

/** An endpoint that is bound to nothing. */
export function createEndpoint(options: {
  readonly handle: bigint;
  readonly process: Process;
  readonly family: 4 | 6;
  readonly protocol: number;
  readonly parent?: bigint;
}): AleEndpoint {
  const { handle, process, family, protocol, parent = null } = options;
  return {
    handle,
    parent,
    process,
    family,
    protocol,
    localAddress: null,
    localPort: 0,
    remote: null,
    redirectedFrom: null,
    localRedirectTargetPid: null,
    owesRelease: false,
    owesClosure: false,
  };
}
