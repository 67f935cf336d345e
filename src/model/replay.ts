import type { DecisionCode, Verdict } from "./classify.ts";
import type { Filter } from "./filter.ts";
import type { FlowSpec } from "./flow.ts";

/** What a policy makes of one captured packet. */
export type PacketFate =
  /** It passes. */
  | "permitted"
  /** A filter drops it. */
  | "blocked"
  /** The policy keeps it from coming about: something it answers or follows was blocked. */
  | "suppressed"
  /** It depends on something unknown. */
  | "indeterminate"
  /** It belongs to no flow that could be judged: no IP, or not even a readable header. */
  | "unjudged";

/** How much of a conversation the capture has. */
export type FlowCoverage =
  /** From its first packet on. */
  | "whole"
  /** It had begun before the capture did. */
  | "mid-stream"
  /** Packets of one direction only. */
  | "one-way";

/** State of a TCP connection as somebody who watches can tell. */
export type WatchedTcpState = "syn" | "syn-ack" | "established" | "closing" | "closed" | "reset" | "refused";

/** What decided a flow: the layer, and the filter if one did. */
export interface FlowDecider {
  /** Without FWPM_LAYER_. */
  readonly layer: string;
  readonly code: DecisionCode;
  readonly filter: Filter | null;
  /** What an indeterminate verdict depends on, as text. */
  readonly dependsOn: readonly string[];
}

export interface DirectionCounts {
  readonly packets: number;
  /** On the wire, link header included. */
  readonly bytes: number;
  /** TCP segments that carry nothing new. */
  readonly retransmissions: number;
}

/** One conversation of a capture. */
export interface ReplayFlow {
  readonly number: number;
  readonly flow: FlowSpec;
  /** Whether a program answers inbound flows, as far as the capture tells. */
  readonly listener: "yes" | "no" | "unknown";
  readonly coverage: FlowCoverage;
  /** null for protocols without connections. */
  readonly state: WatchedTcpState | null;
  /** Seconds since 1970. */
  readonly firstTime: number;
  readonly lastTime: number;
  readonly inbound: DirectionCounts;
  readonly outbound: DirectionCounts;
  readonly verdict: Verdict;
  readonly decider: FlowDecider | null;
  /** Packets by fate. */
  readonly fates: Readonly<Record<PacketFate, number>>;
  /** The policy changed while it lived, and it was judged again. */
  readonly reauthorized: boolean;
}

/** One packet, for `--packets`. */
export interface ReplayPacket {
  /** As Wireshark's frame.number. */
  readonly number: number;
  readonly seconds: number;
  readonly nanoseconds: number;
  readonly direction: "inbound" | "outbound" | null;
  /** Number of its flow; null without one. */
  readonly flow: number | null;
  /** The ends of that flow. */
  readonly ends: FlowSpec | null;
  readonly fate: PacketFate;
  /** What kind of packet it is: "SYN", "TCP segment", "UDP message", "fragment", "ARP"… */
  readonly event: string;
  /** Layers it is indicated at, in order; the last one is where it is blocked, if it is. */
  readonly layers: readonly string[];
  readonly decider: FlowDecider | null;
}

/** Packets, bytes and flows that share something. */
export interface ReplayTally {
  flows: number;
  packets: number;
  bytes: number;
}

export interface ReplaySummary {
  packets: number;
  bytes: number;
  flows: number;
  /** Seconds since 1970; null for an empty capture. */
  firstTime: number | null;
  lastTime: number | null;
  readonly byVerdict: Readonly<Record<Verdict, ReplayTally>>;
  readonly byFate: Readonly<Record<PacketFate, number>>;
  /** By layer that decided, not counting what no filter matched. */
  readonly byLayer: ReadonlyMap<string, ReplayTally>;
  readonly byFilter: ReadonlyMap<bigint, ReplayTally & { readonly filter: Filter; readonly layer: string; readonly verdict: Verdict }>;
  /** What indeterminate flows depend on, most flows first once done. */
  readonly byDependency: ReadonlyMap<string, number>;
  /** Frames that are no IP, by kind. */
  readonly notIp: ReadonlyMap<string, number>;
  /** Most flows that were watched at once. */
  peakFlows: number;
}
