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
  /** An IPv6 socket that takes IPv4 too (IPV6_V6ONLY off). */
  readonly isDualStack: boolean;
  /** Opened with SOCK_RAW. */
  readonly isRaw: boolean;
  /** null: every address of the host, or none yet. */
  localAddress: IpAddress | null;
  /** 0: none yet. */
  localPort: number;
  remote: TransportAddress | null;
  /** Set where a callout redirected the connection: where the program wanted to go. */
  redirectedFrom: TransportAddress | null;
  /**
   * Redirect records of the connection that a proxy serves with this socket (SIO_SET_WFP_CONNECTION_REDIRECT_RECORDS): the program on
   * whose behalf it connects (WFP-SHIMS 4.8).
   */
  redirectRecords: { readonly originalPath: string } | null;
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
  readonly isDualStack?: boolean;
  readonly isRaw?: boolean;
}): AleEndpoint {
  const { handle, process, family, protocol, parent = null, isDualStack = false, isRaw = false } = options;
  return {
    handle,
    parent,
    process,
    family,
    protocol,
    isDualStack,
    isRaw,
    localAddress: null,
    localPort: 0,
    remote: null,
    redirectedFrom: null,
    redirectRecords: null,
    localRedirectTargetPid: null,
    owesRelease: false,
    owesClosure: false,
  };
}
