import type { Decision, SubLayerResult } from "./classify.ts";
import type { Layer } from "./layer.ts";
import type { Metadata } from "./metadata.ts";
import type { Sid } from "./sid.ts";
import type { FieldValue } from "./value.ts";

/** Microsoft's wording of its "TCP/UDP Packet Flows" pages. */
export type EventName =
  | "bind"
  | "listen"
  | "connect"
  | "send"
  | "close"
  | "SYN"
  | "SYN-ACK"
  | "ACK"
  | "RST"
  | "FIN"
  | "data"
  | "TCP segment"
  | "IP datagram"
  | "sendto"
  | "UDP message"
  | "ICMP message"
  | "ICMP Dest Unreachable"
  | "ioctl"
  | "frame";

export interface FlowEndpoints {
  readonly protocol: number;
  /** `address:port`, "*" for a part that is unknown or empty. */
  readonly local: string;
  readonly remote: string;
}

/** One visit of a layer: what was indicated, what was decided. The in-memory form; report/ turns it into JSON or text. */
export interface IndicationRecord {
  readonly type: "indication";
  readonly seq: number;
  /** Seconds of simulated time. */
  readonly time: number;
  readonly host: string;
  readonly event: EventName;
  readonly direction: "inbound" | "outbound";
  readonly layer: Layer;
  readonly flow: FlowEndpoints;
  /** Names of CONDITION_FLAG bits. */
  readonly flags: readonly string[];
  readonly reauthorize: boolean;
  readonly values: readonly FieldValue[];
  readonly metadata: Metadata;
  readonly decision: Decision;
  readonly subLayers: readonly SubLayerResult[];
  /** Set where the verdict was indeterminate and the host went on with this one (Interpretation.indeterminate). */
  readonly assumed?: "permit" | "block";
}

/** How a socket call ended: "ok" or the Winsock error's name. */
export interface OutcomeRecord {
  readonly type: "outcome";
  readonly seq: number;
  readonly time: number;
  readonly host: string;
  readonly operation: "socket" | "bind" | "listen" | "connect" | "accept" | "send" | "receive" | "close" | "sendto" | "ioctl" | "ping";
  readonly result: string;
  readonly detail?: string;
}

/** A step of the scenario: what was about to happen. */
export interface StepRecord {
  readonly type: "step";
  readonly seq: number;
  readonly time: number;
  readonly title: string;
}

/** A segment lost, a policy changed: what else happened. */
export interface NoteRecord {
  readonly type: "note";
  readonly seq: number;
  readonly time: number;
  readonly host: string;
  readonly text: string;
}

export type NetEventType =
  | "FWPM_NET_EVENT_TYPE_CLASSIFY_DROP"
  | "FWPM_NET_EVENT_TYPE_CLASSIFY_ALLOW"
  | "FWPM_NET_EVENT_TYPE_CAPABILITY_DROP"
  | "FWPM_NET_EVENT_TYPE_CAPABILITY_ALLOW"
  | "FWPM_NET_EVENT_TYPE_CLASSIFY_DROP_MAC";

/** FWPM_APPC_NETWORK_CAPABILITY_TYPE without its prefix. */
export type NetworkCapability = "INTERNET_CLIENT" | "INTERNET_CLIENT_SERVER" | "INTERNET_PRIVATE_NETWORK";

/** FWPM_NET_EVENT_HEADER0 to 3; members that this Windows does not have are left out, null is a member that is not set. */
export interface NetEventHeader {
  /** Names of NET_EVENT_HEADER_FLAG: which members are set. */
  readonly flags: readonly string[];
  /** null for a frame. */
  readonly ipVersion: 4 | 6 | null;
  readonly ipProtocol: number | null;
  readonly localAddress: string | null;
  readonly remoteAddress: string | null;
  readonly localPort: number | null;
  readonly remotePort: number | null;
  readonly scopeId: number;
  readonly userId: Sid | null;
  /** Windows 8; S-1-0-0 for a program in no AppContainer. */
  readonly packageSid?: Sid | null;
  /** Windows 10. No enterprise data protection is modelled, so all three stay unset. */
  readonly enterpriseId?: null;
  readonly policyFlags?: 0;
  readonly effectiveName?: null;
}

/** The parts of FWPM_NET_EVENT_CLASSIFY_DROP_MAC0 that other events do not have. */
export interface NetEventMac {
  /** `02-57-0a-00-00-01`. */
  readonly localMacAddr: string;
  readonly remoteMacAddr: string;
  /** NDIS_MEDIUM. */
  readonly mediaType: number;
  /** IANA ifType. */
  readonly ifType: number;
  readonly etherType: number;
  readonly vlanTag: number;
  readonly ifLuid: string;
}

/** FWPM_NET_EVENT of a classification; absent members are those that this Windows does not have. */
export interface NetEventRecord {
  readonly type: "netevent";
  readonly seq: number;
  readonly time: number;
  readonly host: string;
  readonly eventType: NetEventType;
  readonly header: NetEventHeader;
  readonly filterId: bigint;
  readonly layerId: number;
  /** Drops since Windows 7. */
  readonly direction?: "MS_FWP_DIRECTION_IN" | "MS_FWP_DIRECTION_OUT" | "MS_FWP_DIRECTION_FORWARD";
  readonly reauthReason?: number;
  readonly originalProfile?: number;
  readonly currentProfile?: number;
  readonly isLoopback?: boolean;
  /** Of the virtual switch; no switch is modelled, so always null where this Windows has it. */
  readonly vSwitchId?: null;
  readonly flow: FlowEndpoints;
  readonly appId: string | null;
  readonly terminatingFilters: readonly { readonly filterId: bigint; readonly subLayer: string; readonly action: "permit" | "block" }[];
  /** Capabilities of the AppContainer's token that concern the network; Windows 8. */
  readonly capabilities?: readonly string[];
  readonly filterOrigin: string | null;
  /** Windows 11. */
  readonly interfaceIndex?: number;
  /** CAPABILITY_DROP: the one that is missing; CAPABILITY_ALLOW: the one that allowed. */
  readonly networkCapability?: NetworkCapability;
  readonly mac?: NetEventMac;
}

/** An event of the Security log. */
export interface AuditRecord {
  readonly type: "audit";
  readonly seq: number;
  readonly time: number;
  readonly host: string;
  readonly eventId: 5031 | 5150 | 5151 | 5152 | 5153 | 5154 | 5155 | 5156 | 5157 | 5158 | 5159;
  /** The log's own field names and values, in its order. */
  readonly data: Readonly<Record<string, string>>;
}

export type SessionRecord = IndicationRecord | OutcomeRecord | StepRecord | NoteRecord | NetEventRecord | AuditRecord;
