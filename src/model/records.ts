import type { Decision, SubLayerResult } from "./classify.ts";
import type { Layer } from "./layer.ts";
import type { Metadata } from "./metadata.ts";
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

/** FWPM_NET_EVENT of a dropped (or, with the keyword on, allowed) classification. */
export interface NetEventRecord {
  readonly type: "netevent";
  readonly seq: number;
  readonly time: number;
  readonly host: string;
  readonly eventType: "FWPM_NET_EVENT_TYPE_CLASSIFY_DROP" | "FWPM_NET_EVENT_TYPE_CLASSIFY_ALLOW";
  readonly filterId: bigint;
  readonly layerId: number;
  readonly direction: "MS_FWP_DIRECTION_IN" | "MS_FWP_DIRECTION_OUT";
  readonly reauthReason: number;
  readonly originalProfile: number;
  readonly currentProfile: number;
  readonly isLoopback: boolean;
  readonly flow: FlowEndpoints;
  readonly appId: string | null;
  readonly terminatingFilters: readonly { readonly filterId: bigint; readonly subLayer: string; readonly action: "permit" | "block" }[];
  readonly filterOrigin: string | null;
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
