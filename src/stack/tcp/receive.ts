import { finReached } from "./close.ts";
import type { TcpConnection } from "./connection.ts";
import { acknowledgeLater } from "./delayed-ack.ts";
import { transmitAcknowledgment } from "./output.ts";
import { abort } from "./reset.ts";
import type { TcpSegment } from "./segment.ts";
import { isAfter, isBefore, sequenceAdd, sequenceDistance } from "./sequence.ts";
import { streamsOf } from "./streams.ts";
import type { Tcp } from "./tcp.ts";

/**
 * The text of a segment and its FIN (RFC 9293 3.10.7.4, seventh and eighth). Bytes in order are indicated at STREAM, all that a segment
 * completes at once, and then wait for the application.
 */
export function acceptText(tcp: Tcp, connection: TcpConnection, segment: TcpSegment): void {
  const { state } = connection;
  if (segment.flags.fin) connection.peerFin ??= sequenceAdd(segment.sequence, segment.payload.length);
  if (segment.payload.length > 0) {
    if (state !== "ESTABLISHED" && state !== "FIN-WAIT-1" && state !== "FIN-WAIT-2") {
      transmitAcknowledgment(tcp, connection);
      return;
    }
    if (connection.released && isAfter(sequenceAdd(segment.sequence, segment.payload.length), connection.receiveNext)) {
      // Nobody is left to read it (RFC 9293 3.6.1).
      abort(tcp, connection, null);
      return;
    }
    if (!acceptBytes(tcp, connection, segment)) return;
  }
  if (connection.peerFin !== null && connection.peerFin === connection.receiveNext && !connection.peerFinished) {
    peerFinReached(tcp, connection);
  } else if (segment.flags.fin && segment.payload.length === 0 && !connection.peerFinished) transmitAcknowledgment(tcp, connection);
}

/**
 * All data up to the peer's FIN is here. As long as a callout defers some of it at STREAM the FIN waits too; the peer sends it again.
 */
export function peerFinReached(tcp: Tcp, connection: TcpConnection): void {
  if (connection.peerFin !== connection.receiveNext || connection.peerFinished || connection.isOver) return;
  const inbound = connection.streams?.inbound;
  if (inbound !== undefined && !inbound.end()) return;
  if (connection.isOver) return;
  connection.receiveNext = sequenceAdd(connection.receiveNext, 1);
  connection.peerFinished = true;
  if (transmitAcknowledgment(tcp, connection)) finReached(tcp, connection);
}

/** False if the connection did not survive. */
function acceptBytes(tcp: Tcp, connection: TcpConnection, { sequence, payload }: TcpSegment): boolean {
  const skip = sequenceDistance(connection.receiveNext, sequence);
  const room = sequenceDistance(connection.advertisedEdge, sequence);
  const text = payload.subarray(Math.max(0, skip), Math.max(0, Math.min(payload.length, room)));
  if (skip < 0) {
    keepForLater(connection, sequence, text);
    // At once, so that the sender learns of the gap.
    return transmitAcknowledgment(tcp, connection);
  }
  if (text.length === 0) return transmitAcknowledgment(tcp, connection);
  const hadGap = connection.outOfOrder.length > 0;
  const data = withSuccessors(connection, text);
  connection.receiveNext = sequenceAdd(connection.receiveNext, data.length);
  // What STREAM blocks counts as received, but the application never sees it (WFP-SHIMS 4.3.5).
  streamsOf(tcp, connection).inbound.offer(data);
  if (connection.isOver) return false;
  // The acknowledgment of a FIN that is now reached covers the data too.
  if (connection.peerFin !== connection.receiveNext) {
    if (hadGap) transmitAcknowledgment(tcp, connection);
    else acknowledgeLater(tcp, connection);
    if (connection.isOver) return false;
  }
  connection.owner.readable(connection);
  return !connection.isOver;
}

function keepForLater(connection: TcpConnection, sequence: number, payload: Uint8Array): void {
  const list = connection.outOfOrder;
  const at = list.findIndex((other) => isBefore(sequence, other.sequence));
  list.splice(at < 0 ? list.length : at, 0, { sequence, payload });
  connection.latestOutOfOrder = sequence;
}

/** `text` and whatever was kept that now follows without a gap. */
function withSuccessors(connection: TcpConnection, text: Uint8Array): Uint8Array {
  const parts = [text];
  let next = sequenceAdd(connection.receiveNext, text.length);
  for (;;) {
    const [first] = connection.outOfOrder;
    if (first === undefined || isAfter(first.sequence, next)) break;
    connection.outOfOrder.shift();
    const fresh = first.payload.subarray(sequenceDistance(next, first.sequence));
    parts.push(fresh);
    next = sequenceAdd(next, fresh.length);
  }
  const result = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    result.set(part, offset);
    offset += part.length;
  }
  return result;
}
