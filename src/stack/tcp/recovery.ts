import type { TcpConnection } from "./connection.ts";
import { retransmitAt } from "./retransmit.ts";
import type { TcpSegment } from "./segment.ts";
import { isAfter, isBefore, sequenceDistance } from "./sequence.ts";
import type { Tcp } from "./tcp.ts";

type Recovery = NonNullable<TcpConnection["recovery"]>;

/** Duplicate acknowledgments that say a segment is lost (RFC 5681 3.2). */
const DUPLICATES = 3;

/** Bytes thought to be on their way: what is outstanding less what the receiver holds and what is lost (RFC 6675 4, pipe). */
export function inFlight(connection: TcpConnection): number {
  const outstanding = sequenceDistance(connection.sendNext, connection.sendUnacknowledged);
  return Math.max(0, outstanding - connection.scoreboard.sacked - lostBytes(connection));
}

/** Bytes that left and will not arrive: the holes below what the receiver holds, less what was sent again. */
function lostBytes(connection: TcpConnection): number {
  const { scoreboard, recovery } = connection;
  if (recovery === null) return 0;
  const highest = scoreboard.highest;
  // Without SACK the oldest segment is the one missing, and that has been sent again.
  if (highest === undefined) return 0;
  let lost = 0;
  for (let hole = scoreboard.hole(recovery.resentTo); hole !== undefined; ) {
    lost += hole.length;
    hole = scoreboard.hole(hole.sequence + hole.length);
  }
  return lost;
}

/**
 * An acknowledgment that brings nothing new, or news of bytes held beyond a gap: after three of them the oldest segment is taken for lost
 * and sent again without waiting for the timer (fast retransmit, RFC 5681 3.2; with SACK RFC 6675 5).
 */
export function duplicateAcknowledgment(tcp: Tcp, connection: TcpConnection, segment: TcpSegment, toldNews: boolean): void {
  if (!isDuplicate(connection, segment, toldNews)) return;
  connection.duplicateAcknowledgments++;
  if (connection.duplicateAcknowledgments === 1) connection.sentBeforeDuplicates = connection.sendNext;
  if (connection.recovery !== null) {
    if (connection.scoreboard.isEmpty) connection.recovery.inflation += connection.maximumSegmentSize;
    repair(tcp, connection, connection.recovery);
    return;
  }
  const heldBeyond = connection.scoreboard.sacked > (DUPLICATES - 1) * connection.maximumSegmentSize;
  if (connection.duplicateAcknowledgments < DUPLICATES && !heldBeyond) return;
  // What was outstanding at the last loss must be acknowledged before another one is believed (RFC 6582 3.2).
  if (connection.recover !== null && !isAfter(connection.sendUnacknowledged, connection.recover)) return;
  // All that is not acknowledged, held or not (RFC 6675 5, step 4.2), but not what limited transmit let out (RFC 5681 3.2, step 2).
  const flight = sequenceDistance(connection.sentBeforeDuplicates, connection.sendUnacknowledged);
  connection.congestion.lost(flight, tcp.host.clock.seconds);
  connection.recovery = { point: connection.sendNext, resentTo: connection.sendUnacknowledged, inflation: 0 };
  repair(tcp, connection, connection.recovery, true);
}

function isDuplicate(connection: TcpConnection, segment: TcpSegment, toldNews: boolean): boolean {
  if (segment.acknowledgment !== connection.sendUnacknowledged || connection.sendNext === connection.sendUnacknowledged) return false;
  if (toldNews) return true;
  return (
    segment.payload.length === 0 &&
    !segment.flags.syn &&
    !segment.flags.fin &&
    connection.sendWindow === segment.window * 2 ** connection.negotiated.sendShift
  );
}

/** New data is acknowledged while recovering: done, or the next hole goes out (partial acknowledgment, RFC 6582 3.2). */
export function acknowledgedInRecovery(tcp: Tcp, connection: TcpConnection, recovery: Recovery): void {
  if (!isBefore(connection.sendUnacknowledged, recovery.point)) {
    connection.recovery = null;
    connection.recover = null;
    return;
  }
  recovery.inflation = Math.max(0, recovery.inflation - connection.maximumSegmentSize);
  if (isBefore(recovery.resentTo, connection.sendUnacknowledged)) recovery.resentTo = connection.sendUnacknowledged;
  repair(tcp, connection, recovery, connection.scoreboard.isEmpty);
}

/** Sends holes again as the congestion window has room; `first` sends one in any case. */
function repair(tcp: Tcp, connection: TcpConnection, recovery: Recovery, first = false): void {
  const { scoreboard } = connection;
  let isFree = first;
  for (;;) {
    if (!isFree && inFlight(connection) + connection.maximumSegmentSize > connection.congestion.window) return;
    const hole = scoreboard.isEmpty ? undefined : scoreboard.hole(recovery.resentTo);
    const sequence = hole?.sequence ?? (isFree ? connection.sendUnacknowledged : null);
    if (sequence === null) return;
    const sent = retransmitAt(tcp, connection, sequence, hole?.length);
    if (sent === 0 || connection.isOver) return;
    recovery.resentTo = (sequence + sent) >>> 0;
    isFree = false;
  }
}

/** How much may be sent now: the congestion window and, after duplicates, what limited transmit allows (RFC 3042). */
export function congestionRoom(connection: TcpConnection): number {
  const { congestion, recovery, duplicateAcknowledgments } = connection;
  const limited =
    recovery === null ? Math.min(duplicateAcknowledgments, DUPLICATES - 1) * connection.maximumSegmentSize : recovery.inflation;
  return Math.max(0, Math.floor(congestion.window) + limited - inFlight(connection));
}
