import type { Guid, IpAddress, Profile } from "../../model/index.ts";
import type { NetworkInterface } from "../interface.ts";
import type { AleEndpoint, TransportAddress } from "./endpoint.ts";
import { defaultFlowOptions, type FlowOptions } from "./flow-options.ts";

/** The state ALE keeps of an authorized connection (WFP-SHIMS 4.5). */
export interface AleFlow {
  /** FLOW_HANDLE metadata. */
  readonly handle: bigint;
  /** The layer that authorized it; only this one reauthorizes it. */
  readonly createdAt: "AUTH_CONNECT" | "AUTH_RECV_ACCEPT";
  readonly layerKey: Guid;
  /** The socket it belongs to; the kernel's for traffic of the stack itself, e.g. an answered ping. */
  readonly endpoint: AleEndpoint;
  readonly protocol: number;
  readonly local: IpAddress;
  /** null: from and to anybody, as the flow of all inbound multicast is. */
  readonly remote: TransportAddress | null;
  /** Of the first packet; later ones do not change it. */
  readonly direction: "inbound" | "outbound";
  /** Type of the ICMP message that made it; null for other protocols. */
  readonly icmpType: number | null;
  /** Network category when it was created. */
  readonly originalProfile: Profile;
  /** Category of the interface that its last packet crossed. */
  profile: Profile;
  /** Interfaces its packets come in by and leave by; another one makes a reauthorization due (WFP-SHIMS 4.6). */
  arrival: NetworkInterface | null;
  nexthop: NetworkInterface | null;
  /** The policy it was last judged by: FilterEngine.generation of the layer. */
  generation: number;
  /** REAUTHORIZE_REASON bits of what happened meanwhile beside policy and interfaces, e.g. a socket option. */
  dueReasons: number;
  /** "denied": a reauthorization failed. Whatever still comes for it is judged again each time. */
  state: "authorized" | "denied" | "ended";
  /** Seconds without a packet after which it is forgotten; null: it ends with its connection. */
  lifetime: number | null;
  /** Seconds at which a packet last refreshed it. */
  lastActive: number;
  /** What callouts have set for it. */
  readonly options: FlowOptions;
  /** What callouts keep with it (FwpsFlowAssociateContext0), by callout key. */
  readonly contexts: Map<Guid, unknown>;
}

/** What is particular to a new flow; the rest is how every flow begins. */
export type NewFlow = Pick<
  AleFlow,
  "handle" | "createdAt" | "layerKey" | "endpoint" | "protocol" | "local" | "remote" | "direction" | "generation" | "lastActive"
> & {
  /** The interface that its first packet crosses. */
  readonly crossed: NetworkInterface | null;
  readonly icmpType?: number | null;
  readonly lifetime?: number | null;
};

export function createFlow({ crossed, icmpType = null, lifetime = null, ...flow }: NewFlow): AleFlow {
  const profile = crossed?.profile ?? "none";
  return {
    ...flow,
    icmpType,
    lifetime,
    originalProfile: profile,
    profile,
    // Its answers are expected where it leaves.
    arrival: crossed,
    nexthop: crossed,
    dueReasons: 0,
    state: "authorized",
    options: defaultFlowOptions(),
    contexts: new Map(),
  };
}
