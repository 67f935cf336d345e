import type { IpAddress } from "../../model/index.ts";
import type { AleEndpoint } from "../ale/endpoint.ts";
import type { AleFlow } from "../ale/flow.ts";
import type { Timer } from "../clock.ts";
import type { WinsockErrorName } from "../winsock-error.ts";
import { ByteQueue } from "./byte-queue.ts";
import type { CongestionControl } from "./congestion/congestion-control.ts";
import { startCongestionControl } from "./congestion/start.ts";
import type { KeepAlive } from "./keep-alive.ts";
import { type Negotiated, NOTHING_NEGOTIATED } from "./options.ts";
import { RetransmissionTimeout } from "./rto.ts";
import { Scoreboard } from "./scoreboard.ts";
import type { TcpOptions } from "./segment.ts";
import type { TcpSettings } from "./settings.ts";
import type { Streams } from "./streams.ts";

/** States of RFC 9293 3.3.2; LISTEN is a listener's, not a connection's. */
export type TcpState =
  | "SYN-SENT"
  | "SYN-RECEIVED"
  | "ESTABLISHED"
  | "FIN-WAIT-1"
  | "FIN-WAIT-2"
  | "CLOSE-WAIT"
  | "CLOSING"
  | "LAST-ACK"
  | "TIME-WAIT"
  | "CLOSED";

/** The two ends as the host with the connection sees them. */
export interface ConnectionTuple {
  readonly local: IpAddress;
  readonly localPort: number;
  readonly remote: IpAddress;
  readonly remotePort: number;
}

/** Who wants to know what becomes of a connection: a socket, or a listener until accept. */
export interface ConnectionOwner {
  /** A connection came into being for a listener; its handshake is not complete. */
  opened?(connection: TcpConnection): void;
  /** Whether a listener has as many connections waiting for accept as it takes. */
  isFull?(): boolean;
  established(connection: TcpConnection): void;
  /** Data or the peer's end of data arrived. */
  readable(connection: TcpConnection): void;
  /** The connection is over; null: both sides had closed it. */
  ended(connection: TcpConnection, error: WinsockErrorName | null): void;
}

/** A transmission control block: variables as RFC 9293 3.3.1 has them. Its mechanisms are in the files beside it. */
export class TcpConnection {
  readonly tuple: ConnectionTuple;
  readonly endpoint: AleEndpoint;
  readonly flow: AleFlow;
  owner: ConnectionOwner;
  state: TcpState;
  /** Set once the application has closed its socket: nobody will read. */
  released = false;
  /** Why it ended; what the application's next call returns. */
  error: WinsockErrorName | null = null;
  /** What ICMP has told meanwhile; the program learns it if TCP gives up (RFC 1122 4.2.3.9). */
  softError: WinsockErrorName | null = null;

  /** STREAM, once there is data (tcp/streams.ts). */
  streams: Streams | null = null;

  /** SND.UNA: the oldest number not acknowledged. */
  sendUnacknowledged: number;
  /** SND.NXT: the next number to send. */
  sendNext: number;
  /** What was SND.NXT at the last timeout; until it is acknowledged every gap is filled at once. */
  recover: number | null = null;
  /** SND.WND in bytes, and the segment it was learned from. */
  sendWindow = 0;
  windowSequence = 0;
  windowAcknowledgment = 0;
  /** Bytes from SND.UNA on (the SYN not counted): sent and unacknowledged ones, then unsent ones. */
  readonly sendBuffer = new ByteQueue();
  /** The application will send no more; a FIN follows the data. */
  finQueued = false;
  /** Sequence number of our FIN once it was sent. */
  finSequence: number | null = null;
  maximumSegmentSize: number;
  /** Options of the peer's SYN. */
  offered: TcpOptions | null = null;
  negotiated: Negotiated = NOTHING_NEGOTIATED;
  /** TS.Recent: the peer's timestamp to echo. */
  recentTimestamp = 0;
  congestion: CongestionControl;
  readonly scoreboard = new Scoreboard();
  duplicateAcknowledgments = 0;
  /** SND.NXT when the first duplicate came. */
  sentBeforeDuplicates = 0;
  /**
   * Fast recovery: until `point` is acknowledged; holes are sent again up to `resentTo`. Without SACK every duplicate says that a segment
   * has left, which `inflation` counts.
   */
  recovery: { readonly point: number; resentTo: number; inflation: number } | null = null;
  /** TCP_NODELAY. */
  noDelay = false;
  /** SYNs that the peer refused. */
  refusals = 0;
  keepAlive: KeepAlive | null = null;
  keepAliveTimer: Timer | null = null;
  unansweredProbes = 0;
  /** Seconds at which the peer last sent something. */
  lastHeard = 0;
  readonly rto: RetransmissionTimeout;
  retransmissions = 0;
  /** The segment whose round trip is being measured: its last number and when it left, in seconds. */
  timed: { readonly sequence: number; readonly sentAt: number } | null = null;

  /** RCV.NXT: the next number expected. */
  receiveNext = 0;
  /** Bytes the application has not read. */
  readonly receiveBuffer = new ByteQueue();
  /** Segments beyond a gap, by sequence number. */
  outOfOrder: { readonly sequence: number; readonly payload: Uint8Array }[] = [];
  /** Sequence number of the one that came last. */
  latestOutOfOrder = 0;
  /** Sequence number of the peer's FIN, which may lie beyond a gap. */
  peerFin: number | null = null;
  /** The peer's FIN has been reached: no more data will come. */
  peerFinished = false;
  /** Segments received since the last acknowledgment left. */
  unacknowledgedSegments = 0;
  /** Right edge of the window as last told to the peer. */
  advertisedEdge = 0;

  retransmitTimer: Timer | null = null;
  delayedAckTimer: Timer | null = null;
  persistTimer: Timer | null = null;
  /** Connect timeout, FIN-WAIT-2 or TIME-WAIT. */
  stateTimer: Timer | null = null;

  constructor(options: {
    readonly tuple: ConnectionTuple;
    readonly endpoint: AleEndpoint;
    readonly flow: AleFlow;
    readonly owner: ConnectionOwner;
    readonly state: TcpState;
    readonly initialSequence: number;
    /** Bytes of payload in a full segment, as long as the peer has not said what it takes. */
    readonly segmentSize: number;
    readonly settings: TcpSettings;
  }) {
    this.tuple = options.tuple;
    this.endpoint = options.endpoint;
    this.flow = options.flow;
    this.owner = options.owner;
    this.state = options.state;
    this.sendUnacknowledged = options.initialSequence;
    this.sendNext = options.initialSequence;
    this.maximumSegmentSize = options.segmentSize;
    this.noDelay = !options.settings.nagle;
    this.congestion = startCongestionControl(this.maximumSegmentSize, options.settings);
    this.rto = new RetransmissionTimeout(options.settings);
  }

  /** Whether data may still come from the application. */
  get maySend(): boolean {
    return !this.finQueued && (this.state === "ESTABLISHED" || this.state === "CLOSE-WAIT");
  }

  /** Whether TCP is done with it. */
  get isOver(): boolean {
    return this.state === "CLOSED";
  }

  /** Whether both sides know the connection and it has not ended. */
  get isSynchronized(): boolean {
    return this.state !== "SYN-SENT" && this.state !== "SYN-RECEIVED" && this.state !== "CLOSED";
  }

  cancelTimers(): void {
    const timers = [this.retransmitTimer, this.delayedAckTimer, this.persistTimer, this.stateTimer, this.keepAliveTimer];
    for (const timer of timers) timer?.cancel();
    this.keepAliveTimer = null;
    this.retransmitTimer = null;
    this.delayedAckTimer = null;
    this.persistTimer = null;
    this.stateTimer = null;
  }
}
