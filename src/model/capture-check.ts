/** Records of `wfplab verify --capture`: recorded verdicts beside the packets they are about. */

/** How the clock of the events and that of the capture differ. */
export interface CaptureClock {
  /** Seconds to add to the events' times, in quarters of hours: time zones. */
  readonly zone: number;
  /** Seconds that the capture's clock is ahead beyond that. */
  readonly skew: number;
  /** Half of the range that nine tenths of the events are in, in seconds. */
  readonly spread: number;
  /** Events that this difference puts beside a packet of theirs, of those that have packets at all. */
  readonly votes: number;
  readonly voters: number;
}

/** Why a verdict was not looked for in a capture, or not found. */
export type NoPacketReason =
  /** Binds and listens: no packet is sent for them. */
  | "no-packet-event"
  /** It stays inside the machine: loopback, and the host's own multicasts to itself. */
  | "inside-the-host"
  /** Before the capture began or after it ended. */
  | "outside-the-capture"
  /** A block on the way out, or a message that was suppressed: there must be none. */
  | "never-sent"
  /** The capture was taken where these packets do not pass. */
  | "not-captured"
  /** The event does not tell enough: no time, no addresses. */
  | "incomplete";

/** One recorded verdict and its packet. */
export interface CaptureMatch {
  /** Index of the verdict in the list that was given. */
  readonly verdict: number;
  /** As Wireshark's frame.number; null without a packet. */
  readonly frame: number | null;
  /** Seconds from the packet to the event, once the clocks are set right; null without a packet. */
  readonly apart: number | null;
  /** The first frame of the flow in this direction, and how many there are. */
  readonly firstFrame: number | null;
  readonly packets: number;
  /** Set where there is no packet. */
  readonly reason: NoPacketReason | null;
}

export type CaptureResult =
  /** What was recorded, what was captured and what the model does are the same. */
  | "agrees"
  | "differs"
  /** One of the three is missing: the reason says which. */
  | "not-compared";

/** All verdicts of one flow at one layer of one host, beside its packets and what the model makes of them. */
export interface CaptureFlowCheck {
  readonly type: "capture-flow";
  readonly host: string | null;
  /** In flow notation. */
  readonly flow: string;
  readonly protocol: number;
  readonly layerId: number;
  /** Without FWPM_LAYER_. */
  readonly layer: string;
  readonly action: "permit" | "block";
  readonly filterIds: readonly bigint[];
  /** Times in seconds since 1970 by the clock of the capture. */
  readonly recorded: readonly number[];
  /** Packets that ask for a verdict at this layer: SYNs, the first datagram of a flow, discarded packets, ICMP errors. */
  readonly packets: readonly { readonly frame: number; readonly time: number }[];
  /** What those packets are: "SYN", "datagram"… */
  readonly packetKind: string;
  /** Events the model's host writes when it gets these packets. */
  readonly modelled: readonly number[];
  /** What the host answers the packets: in the capture, and in the model. */
  readonly answers: { readonly captured: readonly string[]; readonly modelled: readonly string[] };
  /** Largest distance between a recorded time and the model's, in seconds; null where there is none. */
  readonly farthest: number | null;
  readonly result: CaptureResult;
  /** What differs, or why it was not compared; a remark where it agrees. */
  readonly notes: readonly string[];
}

export interface CaptureTally {
  readonly agrees: number;
  readonly differs: number;
  readonly notCompared: number;
}

/** Everything that one capture says about a list of recorded verdicts. */
export interface CaptureCheck {
  readonly capture: string;
  /** Packets in the capture; copies are packets that the capture has twice. */
  readonly packets: number;
  readonly copies: number;
  readonly firstTime: number | null;
  readonly lastTime: number | null;
  /** null where no verdict has a packet in the capture. */
  readonly clock: CaptureClock | null;
  readonly matches: readonly CaptureMatch[];
  readonly flows: readonly CaptureFlowCheck[];
  /** Verdicts with a packet. */
  readonly matched: number;
  /** Verdicts without one, by reason. */
  readonly unmatched: ReadonlyMap<NoPacketReason, number>;
  /** Flows by layer: "13 INBOUND_TRANSPORT_V4_DISCARD block". */
  readonly byLayer: ReadonlyMap<string, CaptureTally>;
  readonly tally: CaptureTally;
}
