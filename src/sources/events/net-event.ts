import type { IpAddress, NetEventType, Sid } from "../../model/index.ts";

/** The terminating filter of one sublayer, as `terminatingFiltersInfo` has it. */
export interface NetEventTerminatingFilter {
  readonly filterId: bigint;
  /** As printed: FWPP_SUBLAYER_INTERNAL_…, a name or a GUID. */
  readonly subLayer: string;
  readonly action: "permit" | "block";
}

/** A net event as the file has it; null is a member whose header flag is not set, or that this Windows does not print. */
export interface NetEvent {
  /** Of its element, from 1. */
  readonly line: number;
  readonly type: NetEventType;
  /** ISO 8601 UTC. */
  readonly timeStamp: string;
  /** Names without FWPM_NET_EVENT_FLAG_; bits without a name as eight hexadecimal digits. */
  readonly flags: readonly string[];
  readonly family: 4 | 6 | null;
  readonly protocol: number | null;
  readonly localAddress: IpAddress | null;
  readonly remoteAddress: IpAddress | null;
  /** ICMP has its type here, and the code in the remote port. */
  readonly localPort: number | null;
  readonly remotePort: number | null;
  readonly scopeId: number;
  /** NT device path, or "System". */
  readonly appId: string | null;
  readonly userId: Sid | null;
  /** S-1-0-0 for a program in no AppContainer. */
  readonly packageSid: Sid | null;
  readonly filterId: bigint;
  /** null for capability events, which do not name their layer. */
  readonly layerId: number | null;
  readonly direction: "in" | "out" | "forward" | null;
  readonly reauthReason: number | null;
  /** Numbered as *_PROFILE_ID fields are. */
  readonly originalProfile: number | null;
  readonly currentProfile: number | null;
  readonly isLoopback: boolean | null;
  /** FWPM_APPC_NETWORK_CAPABILITY_TYPE without its prefix. */
  readonly networkCapability: string | null;
  /** Names without FWP_CAPABILITIES_FLAG_; null before Windows 10 1903. */
  readonly capabilities: readonly string[] | null;
  readonly terminatingFilters: readonly NetEventTerminatingFilter[];
  readonly filterOrigin: string | null;
  readonly interfaceIndex: number | null;
}
