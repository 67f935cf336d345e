import type { FlowDecider, Verdict } from "../../model/index.ts";

/** Why packets of one kind do not simply pass. */
export interface LaterFate {
  readonly verdict: "block" | "indeterminate";
  readonly decider: FlowDecider | null;
}

/** What packets of an established flow meet: every one at the packet layers, those that carry data at STREAM or DATAGRAM_DATA too. */
export interface LaterPackets {
  readonly inbound: LaterFate | null;
  readonly outbound: LaterFate | null;
  readonly inboundData: LaterFate | null;
  readonly outboundData: LaterFate | null;
}

/** What a policy makes of a flow. Flows that the policy cannot tell apart share one, so it never changes. */
export interface FlowVerdict {
  readonly verdict: Verdict;
  readonly decider: FlowDecider | null;
  /** Stage of a TCP handshake at which the flow is blocked, 0 if it is not. */
  readonly blockedStage: number;
  /** What is blocked is the stack's own answer, e.g. a reset that stealth suppresses. */
  readonly blocksReaction: boolean;
  /** What becomes of packets after those that made it a flow; null where all pass. */
  readonly later: LaterPackets | null;
}

export const PASSES: FlowVerdict = { verdict: "permit", decider: null, blockedStage: 0, blocksReaction: false, later: null };

/** What is said of later packets of a direction, with data or without. */
export function laterFate({ later }: FlowVerdict, isOutbound: boolean, hasData: boolean): LaterFate | null {
  if (later === null) return null;
  if (isOutbound) return hasData ? later.outboundData : later.outbound;
  return hasData ? later.inboundData : later.inbound;
}
