import { directionKey } from "./seen-packet.ts";

/** A recorded verdict as far as packets are concerned. */
export interface TimedVerdict {
  /** Its place in the list that was given. */
  readonly index: number;
  readonly host: string | null;
  /** Seconds since 1970 by the clock of its log. */
  readonly time: number;
  /** The log has whole seconds only. */
  readonly isWholeSecond: boolean;
  readonly action: "permit" | "block";
  readonly layerId: number;
  readonly filterId: bigint | null;
  readonly direction: "in" | "out";
  readonly protocol: number;
  readonly local: string;
  readonly remote: string;
  /** Of ICMP: its type and code. 0 where the log has none. */
  readonly localPort: number;
  readonly remotePort: number;
  /** Process and path as the log has them; null without. */
  readonly program: string | null;
}

/** A program took a port, which it must have given up before: binds tell when a closed port is open again. */
export interface TimedBind {
  readonly host: string | null;
  readonly time: number;
  readonly protocol: number;
  readonly port: number;
  readonly program: string | null;
}

/** What a layer's verdict is about. */
export type Subject =
  /** The first packet of a connection or datagram flow. */
  | "connect"
  | "accept"
  /** A packet that nobody waits for. */
  | "discard"
  /** An ICMP error that comes in, or that was to leave. */
  | "icmp-error-in"
  | "icmp-error-out"
  /** Any other packet of the network and transport layers. */
  | "packet";

/** By layer id, which these layers have had in every Windows so far (SCHEMA 2). */
export function subjectOf(layerId: number): Subject | null {
  switch (layerId) {
    case 48:
    case 50:
      return "connect";
    case 44:
    case 46:
      return "accept";
    case 13:
    case 15:
      return "discard";
    case 28:
    case 30:
      return "icmp-error-in";
    case 32:
    case 34:
      return "icmp-error-out";
    default:
      return layerId < 28 ? "packet" : null;
  }
}

const ICMP: readonly number[] = [1, 58];

export function isIcmp(protocol: number): boolean {
  return ICMP.includes(protocol);
}

/** The direction of a flow that the verdict's packet goes in. */
export function wireKey(verdict: TimedVerdict): string {
  const { direction, protocol, local, remote } = verdict;
  const [localPort, remotePort] = isIcmp(protocol) ? [-1, -1] : [verdict.localPort, verdict.remotePort];
  return direction === "out"
    ? directionKey(protocol, local, localPort, remote, remotePort)
    : directionKey(protocol, remote, remotePort, local, localPort);
}

/** The opposite direction. */
export function replyKey(verdict: TimedVerdict): string {
  return wireKey({ ...verdict, direction: verdict.direction === "out" ? "in" : "out" });
}
