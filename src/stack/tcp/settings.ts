import { existsIn, type WindowsVersion } from "../../model/index.ts";

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
  /** How long a closed connection lingers to answer late segments. Much shorter than Windows' 120 s; nothing depends on it. */
  readonly timeWait: number;
  /** Bytes of the receive buffer, which is the window at most (windows are not scaled). */
  readonly receiveBuffer: number;
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
  const modern = existsIn("8", windows);
  return {
    initialRto: modern ? 1 : 3,
    minimumRto: 0.3,
    maximumRto: 60,
    synRetransmissions: modern ? 4 : 2,
    connectTimeout: 21,
    dataRetransmissions: 5,
    delayedAck: modern ? 0.04 : 0.2,
    timeWait: 4,
    receiveBuffer: 65_535,
    firstSequence: 0x1000_0000,
    maximumSegmentSize: { 4: 1460, 6: 1440 },
  };
}
