import { hasFeature, type WindowsVersion } from "../../model/index.ts";

/** Times are in seconds. */
export interface TcpSettings {
  /** Retransmission timeout before a round-trip time is known: of SYN and SYN-ACK. */
  readonly initialRto: number;
  readonly minimumRto: number;
  readonly maximumRto: number;
  /** How often a SYN or SYN-ACK is sent again (netsh: Max SYN Retransmissions). */
  readonly synRetransmissions: number;
  /** When connect gives up even if another retransmission is due. */
  readonly connectTimeout: number;
  /** How often a data segment is sent again before the connection is aborted (TcpMaxDataRetransmissions). */
  readonly dataRetransmissions: number;
  /** How long an acknowledgment may wait for data to travel with; every second full segment is acknowledged at once. */
  readonly delayedAck: number;
  /** How long a closed connection lingers to answer late segments (TcpTimedWaitDelay; two maximum segment lifetimes). */
  readonly timeWait: number;
  /** Bytes of the receive buffer, which is the window at most. */
  readonly receiveBuffer: number;
  /** Shift of the windows we offer (RFC 7323); null: the option is not offered. Windows offers 8. */
  readonly windowScale: number | null;
  /** Selective acknowledgment (RFC 2018). */
  readonly sack: boolean;
  /** Timestamps (RFC 7323): off in Windows unless switched on. */
  readonly timestamps: boolean;
  /** netsh interface tcp set supplemental: CUBIC since Windows 10 1709. */
  readonly congestion: "cubic" | "new-reno";
  /** Segments that may leave before the first acknowledgment. */
  readonly initialWindow: number;
  /** Whether small segments wait for the acknowledgment of what is outstanding (RFC 9293 3.7.4); TCP_NODELAY turns it off. */
  readonly nagle: boolean;
  /** Connections that wait for accept, SOMAXCONN of a listener; further SYNs are reset. */
  readonly backlog: number;
  /** Whether a SYN that crosses our own opens the connection (RFC 9293 3.5). */
  readonly simultaneousOpen: boolean;
  /**
   * How often a SYN that was refused is sent again, half a second apart. Windows does it twice (KB175523); 0 here unless told, as
   * Microsoft's tables of packet flows show a single attempt.
   */
  readonly refusedRetransmissions: number;
  /** Where initial sequence numbers start. */
  readonly firstSequence: number;
  /** Bytes of payload in a full segment, per address family: MTU 1500 less the headers. */
  readonly maximumSegmentSize: { readonly 4: number; readonly 6: number };
}

/**
 * What Windows does by default. Until 7: 3 s, doubled, two SYN retransmissions, so that connect fails after 21 s (TcpInitialRTT,
 * TcpMaxConnectRetransmissions). Since 8 the timeout is 1 s and SYNs leave after 1, 2, 4, 8 s more; the 21 s have stayed.
 */
export function defaultTcpSettings(windows: WindowsVersion): TcpSettings {
  const modern = hasFeature("tcpTimers", windows);
  return {
    initialRto: modern ? 1 : 3,
    minimumRto: 0.3,
    maximumRto: 60,
    synRetransmissions: modern ? 4 : 2,
    connectTimeout: 21,
    dataRetransmissions: 5,
    delayedAck: modern ? 0.04 : 0.2,
    timeWait: modern ? 120 : 240,
    receiveBuffer: 65_535,
    windowScale: 8,
    sack: true,
    timestamps: false,
    congestion: hasFeature("cubic", windows) ? "cubic" : "new-reno",
    initialWindow: hasFeature("cubic", windows) ? 10 : modern ? 4 : 2,
    nagle: true,
    backlog: 200,
    simultaneousOpen: true,
    refusedRetransmissions: 0,
    firstSequence: 0x1000_0000,
    maximumSegmentSize: { 4: 1460, 6: 1440 },
  };
}
