import { isConnectionReauthorized } from "../ale/reauthorize.ts";
import type { TcpConnection } from "./connection.ts";
import { transmit } from "./output.ts";
import { payloadRoom } from "./payload-room.ts";
import { startPersist, stopPersist } from "./persist.ts";
import { congestionRoom } from "./recovery.ts";
import { startRetransmission } from "./retransmit.ts";
import { sequenceDistance } from "./sequence.ts";
import { streamsOf } from "./streams.ts";
import type { Tcp } from "./tcp.ts";

/**
 * The application sends. Order: reauthorization if due, STREAM, then segments (WFP-SHIMS 4.2). Data blocked at STREAM vanishes, the
 * connection stays (4.3.5).
 */
export function sendData(tcp: Tcp, connection: TcpConnection, data: Uint8Array): void {
  if (!isConnectionReauthorized(tcp, connection, null, "outbound")) return;
  streamsOf(tcp, connection).outbound.offer(data);
}

/** Sends what the peer's window has room for, then the FIN if the application is done. */
export function push(tcp: Tcp, connection: TcpConnection): void {
  while (connection.isSynchronized && connection.state !== "TIME-WAIT" && connection.finSequence === null) {
    const outstanding = sequenceDistance(connection.sendNext, connection.sendUnacknowledged);
    const unsent = connection.sendBuffer.length - outstanding;
    if (unsent <= 0) {
      if (connection.finQueued) transmitFin(tcp, connection, new Uint8Array(0));
      return;
    }
    const room = connection.sendWindow - outstanding;
    if (room <= 0) {
      if (outstanding === 0) startPersist(tcp, connection);
      return;
    }
    const full = payloadRoom(connection);
    const size = Math.min(unsent, full, room, congestionRoom(connection));
    if (size <= 0) return;
    stopPersist(connection);
    // A part of the window too small for a full segment waits for more (RFC 9293 3.8.6.2.1).
    if (size < unsent && size < full && outstanding > 0) return;
    // Nagle: a small last segment waits until everything is acknowledged, unless the program wants it out (RFC 9293 3.7.4).
    if (size < full && outstanding > 0 && !connection.noDelay && !connection.finQueued) return;
    const payload = connection.sendBuffer.peek(outstanding, size);
    if (connection.finQueued && size === unsent) {
      transmitFin(tcp, connection, payload);
      return;
    }
    if (!transmit(tcp, connection, { flags: { ack: true, psh: size === unsent }, payload })) return;
    startRetransmission(tcp, connection);
  }
}

function transmitFin(tcp: Tcp, connection: TcpConnection, payload: Uint8Array): void {
  const finSequence = connection.sendNext + payload.length;
  if (!transmit(tcp, connection, { flags: { ack: true, fin: true, psh: payload.length > 0 }, payload })) return;
  connection.finSequence = finSequence >>> 0;
  startRetransmission(tcp, connection);
}
