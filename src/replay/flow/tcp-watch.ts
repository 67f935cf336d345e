import { TCP_FLAG } from "../../wire/index.ts";
import type { Direction, FlowState } from "./flow-state.ts";

/** Half of the sequence space: what lies further ahead counts as behind (RFC 9293 3.4). */
const HALF = 0x8000_0000;

/** Follows a TCP connection from the outside: its state, and whether a segment repeats what was seen. */
export function watchSegment(
  flow: FlowState,
  direction: Direction,
  isOutbound: boolean,
  flags: number,
  sequence: number,
  length: number,
): void {
  const taken = length + ((flags & TCP_FLAG.syn) !== 0 ? 1 : 0) + ((flags & TCP_FLAG.fin) !== 0 ? 1 : 0);
  if (taken > 0) {
    const end = (sequence + taken) >>> 0;
    const ahead = direction.next < 0 ? 1 : (end - direction.next) >>> 0;
    if (ahead > 0 && ahead < HALF) direction.next = end;
    else direction.retransmissions++;
  }
  const state = nextState(flow, isOutbound, flags);
  if (state === flow.tcp) return;
  flow.tcp = state;
  // Who answers a SYN listens.
  if (state === "syn-ack" && flow.flow.direction === "in") flow.listener = "yes";
}

/** The state after a segment. An opener that acknowledges has its SYN-ACK, seen or not. */
function nextState(flow: FlowState, isOutbound: boolean, flags: number): FlowState["tcp"] {
  const state = flow.tcp;
  if ((flags & TCP_FLAG.rst) !== 0) {
    const fromResponder = isOutbound === (flow.flow.direction === "in");
    return state === "syn" && fromResponder ? "refused" : state === "refused" ? state : "reset";
  }
  if ((flags & TCP_FLAG.syn) !== 0) {
    if ((flags & TCP_FLAG.ack) !== 0) return state === "syn" || state === null ? "syn-ack" : state;
    return state === null || state === "closed" || state === "reset" || state === "refused" ? "syn" : state;
  }
  if ((flags & TCP_FLAG.fin) !== 0) return state === "closing" || state === "closed" ? "closed" : "closing";
  if (state === "syn") return isOutbound === (flow.flow.direction === "out") ? "established" : state;
  return state === "syn-ack" || state === null ? "established" : state;
}
