import type { PacketFate } from "../../model/index.ts";
import { type Frame, IP_PROTOCOL, TCP_FLAG } from "../../wire/index.ts";
import type { FlowState } from "./flow-state.ts";
import { laterFate } from "./flow-verdict.ts";

/** Fates by number, as counters hold them. */
export const FATES: readonly PacketFate[] = ["permitted", "blocked", "suppressed", "indeterminate", "unjudged"];

export const PERMITTED = 0;
export const BLOCKED = 1;
export const SUPPRESSED = 2;
export const INDETERMINATE = 3;
export const UNJUDGED = 4;

/** Stages of a TCP connection that a layer can end it at: the SYN, its answer, what follows. */
export const STAGE_SYN = 1;
export const STAGE_ANSWER = 2;
export const STAGE_REST = 3;

/** The stage of a segment. A reset that comes before any SYN-ACK is an answer to the SYN. */
export function stageOf(tcpFlags: number, state: FlowState["tcp"]): number {
  if ((tcpFlags & TCP_FLAG.syn) !== 0) return (tcpFlags & TCP_FLAG.ack) !== 0 ? STAGE_ANSWER : STAGE_SYN;
  if ((tcpFlags & TCP_FLAG.rst) !== 0 && (state === "syn" || state === "refused")) return STAGE_ANSWER;
  return STAGE_REST;
}

/**
 * What the policy makes of a packet of a judged flow. What is blocked at one stage keeps the later ones from coming about: without the SYN
 * there is no answer, without the datagram no reply.
 */
export function fateOf(flow: FlowState, isOutbound: boolean, stage: number, hasData: boolean): number {
  const { judged } = flow;
  if (judged.verdict === "permit") {
    if (judged.later === null) return PERMITTED;
    const later = laterFate(judged, isOutbound, hasData);
    return later === null ? PERMITTED : later.verdict === "block" ? BLOCKED : INDETERMINATE;
  }
  if (judged.verdict === "indeterminate") return INDETERMINATE;
  if (flow.deniedAt > 0) {
    // A connection that is not authorized again is torn down; a datagram begins a new authorization (WFP-SHIMS 4.6).
    if (flow.deniedAt === flow.packets) return BLOCKED;
    if (flow.tcp !== null) return SUPPRESSED;
  }
  if (flow.coverage === "mid-stream") return SUPPRESSED;
  if (flow.tcp === null) return isOutbound === (flow.flow.direction === "out") ? BLOCKED : SUPPRESSED;
  if (stage < judged.blockedStage) return PERMITTED;
  if (judged.blocksReaction) return SUPPRESSED;
  return stage === judged.blockedStage ? BLOCKED : SUPPRESSED;
}

/** Whether a packet carries something for a program: STREAM and DATAGRAM_DATA see only those. Later pieces of a datagram are none by themselves. */
export function hasData({ protocol, payloadLength, fragmentOffset }: Frame): boolean {
  return fragmentOffset <= 0 && (protocol !== IP_PROTOCOL.tcp || payloadLength > 0);
}
