import { finAcknowledged } from "./close.ts";
import type { TcpConnection } from "./connection.ts";
import { transmitAcknowledgment } from "./output.ts";
import { acknowledgedInRecovery, duplicateAcknowledgment, inFlight } from "./recovery.ts";
import { retransmitOldest, startRetransmission, stopRetransmission } from "./retransmit.ts";
import type { TcpSegment } from "./segment.ts";
import { push } from "./send.ts";
import { isAfter, isBefore, sequenceDistance } from "./sequence.ts";
import type { Tcp } from "./tcp.ts";

/**
 * What the peer says it has received, and how much more it takes (RFC 9293 3.10.7.4, fifth). False if the segment must not be looked at
 * any further.
 */
export function acceptAcknowledgment(tcp: Tcp, connection: TcpConnection, segment: TcpSegment): boolean {
  const { acknowledgment } = segment;
  if (isAfter(acknowledgment, connection.sendNext)) {
    // It acknowledges something not yet sent.
    transmitAcknowledgment(tcp, connection);
    return false;
  }
  const progress = isAfter(acknowledgment, connection.sendUnacknowledged);
  if (progress) advance(tcp, connection, segment);
  const { sackBlocks = [] } = segment.options;
  const toldNews = connection.scoreboard.add(sackBlocks, connection.sendUnacknowledged, connection.sendNext);
  if (!progress) duplicateAcknowledgment(tcp, connection, segment, toldNews);
  if (connection.isOver) return false;
  updateWindow(connection, segment);
  const { finSequence } = connection;
  if (progress && finSequence !== null && isAfter(acknowledgment, finSequence)) finAcknowledged(tcp, connection);
  if (progress) {
    if (connection.recovery !== null) acknowledgedInRecovery(tcp, connection, connection.recovery);
    else fillGap(tcp, connection);
  }
  // A window probe may be outstanding without a timer; once the window is open it is data like any other.
  if (connection.sendWindow > 0 && connection.isSynchronized && connection.state !== "TIME-WAIT") startRetransmission(tcp, connection);
  push(tcp, connection);
  return connection.state !== "CLOSED";
}

function advance(tcp: Tcp, connection: TcpConnection, { acknowledgment, options }: TcpSegment): void {
  const { finSequence, timed } = connection;
  const { seconds } = tcp.host.clock;
  const wasLimited = inFlight(connection) + connection.maximumSegmentSize > connection.congestion.window;
  const count = sequenceDistance(acknowledgment, connection.sendUnacknowledged);
  const fin = finSequence !== null && isAfter(acknowledgment, finSequence) ? 1 : 0;
  connection.sendBuffer.drop(count - fin);
  connection.sendUnacknowledged = acknowledgment;
  connection.scoreboard.advance(acknowledgment);
  connection.duplicateAcknowledgments = 0;
  const echoed = connection.negotiated.timestamps ? options.timestamps : undefined;
  let roundTrip: number | null = null;
  if (echoed !== undefined) roundTrip = Math.max(0, seconds - echoed.echo / 1000);
  else if (timed !== null && !isBefore(acknowledgment, timed.sequence)) roundTrip = seconds - timed.sentAt;
  if (roundTrip !== null) connection.rto.measured(roundTrip);
  if (timed !== null && !isBefore(acknowledgment, timed.sequence)) connection.timed = null;
  if (connection.recovery === null) connection.congestion.acknowledged(count, roundTrip, seconds, wasLimited);
  connection.rto.progress();
  connection.retransmissions = 0;
  stopRetransmission(connection);
  startRetransmission(tcp, connection);
}

/** After a timeout: what was sent before it and is still missing goes again without waiting for another timeout. */
function fillGap(tcp: Tcp, connection: TcpConnection): void {
  if (connection.recover === null) return;
  if (isBefore(connection.sendUnacknowledged, connection.recover)) retransmitOldest(tcp, connection);
  else connection.recover = null;
}

/** SND.WND, unless the segment is older than the one that last set it. */
function updateWindow(connection: TcpConnection, { sequence, acknowledgment, window }: TcpSegment): void {
  const newer =
    isBefore(connection.windowSequence, sequence) ||
    (connection.windowSequence === sequence && !isAfter(connection.windowAcknowledgment, acknowledgment));
  if (!newer) return;
  connection.sendWindow = window * 2 ** connection.negotiated.sendShift;
  connection.windowSequence = sequence;
  connection.windowAcknowledgment = acknowledgment;
}
