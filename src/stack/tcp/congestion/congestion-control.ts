/** How much may be on its way: one algorithm per connection. Windows and sizes in bytes, times in seconds. */
export interface CongestionControl {
  /** cwnd. */
  readonly window: number;
  /** New data was acknowledged outside recovery. `limited`: the window was what held the sender back (RFC 7661). */
  acknowledged(bytes: number, roundTrip: number | null, now: number, limited: boolean): void;
  /** A loss was found by duplicate acknowledgments: fast recovery begins. `flight`: bytes sent and not acknowledged (RFC 5681 2, FlightSize). */
  lost(flight: number, now: number): void;
  /** The retransmission timer expired. */
  timedOut(flight: number, now: number): void;
}

/** cwnd when a connection opens (RFC 6928 2: ten segments; RFC 3390 before). */
export function initialWindow(segmentSize: number, segments: number): number {
  return segments >= 10
    ? Math.min(10 * segmentSize, Math.max(2 * segmentSize, 14_600))
    : Math.min(segments * segmentSize, Math.max(2 * segmentSize, 4380));
}
