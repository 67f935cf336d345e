import type { TcpConnection } from "./connection.ts";
import { finish } from "./finish.ts";
import { openingOptions } from "./options.ts";
import { transmit } from "./output.ts";
import { payloadRoom } from "./payload-room.ts";
import { sequenceAdd, sequenceDistance } from "./sequence.ts";
import type { Tcp } from "./tcp.ts";

/** Starts the retransmission timer if something is outstanding and it does not run (RFC 6298 5.1). */
export function startRetransmission(tcp: Tcp, connection: TcpConnection): void {
  if (connection.sendNext === connection.sendUnacknowledged) return;
  connection.retransmitTimer ??= tcp.host.clock.after(connection.rto.current, () => {
    connection.retransmitTimer = null;
    timedOut(tcp, connection);
  });
}

export function stopRetransmission(connection: TcpConnection): void {
  connection.retransmitTimer?.cancel();
  connection.retransmitTimer = null;
}

function timedOut(tcp: Tcp, connection: TcpConnection): void {
  const { settings } = tcp;
  const { clock } = tcp.host;
  const opening = connection.state === "SYN-SENT" || connection.state === "SYN-RECEIVED";
  if (connection.retransmissions >= (opening ? settings.synRetransmissions : settings.dataRetransmissions)) {
    // Winsock calls a connect without answer a time-out, and a connection whose data is never acknowledged an abort.
    finish(tcp, connection, connection.softError ?? (opening ? "WSAETIMEDOUT" : "WSAECONNABORTED"));
    return;
  }
  const flight = sequenceDistance(connection.sendNext, connection.sendUnacknowledged);
  connection.retransmissions++;
  connection.timed = null;
  connection.rto.backOff();
  if (!opening) {
    if (connection.retransmissions === 1) connection.congestion.timedOut(flight, clock.seconds);
    // What the receiver holds it may forget (RFC 2018 8); everything is in doubt.
    connection.scoreboard.clear();
    connection.recovery = null;
    connection.duplicateAcknowledgments = 0;
  }
  connection.recover = connection.sendNext;
  retransmitOldest(tcp, connection);
  if (connection.state !== "CLOSED") startRetransmission(tcp, connection);
}

/** Sends the oldest unacknowledged segment again. */
export function retransmitOldest(tcp: Tcp, connection: TcpConnection): void {
  const sequence = connection.sendUnacknowledged;
  if (connection.state === "SYN-SENT") {
    transmit(tcp, connection, { flags: { syn: true }, sequence, options: openingOptions(tcp, connection, null) });
    return;
  }
  if (connection.state === "SYN-RECEIVED") {
    transmit(tcp, connection, { flags: { syn: true, ack: true }, sequence, options: openingOptions(tcp, connection, connection.offered) });
    return;
  }
  retransmitAt(tcp, connection, sequence);
}

/** Sends again what begins at `sequence`, one segment at most and not more than `length` bytes; how many sequence numbers that were. */
export function retransmitAt(tcp: Tcp, connection: TcpConnection, sequence: number, length = Number.POSITIVE_INFINITY): number {
  const { finSequence } = connection;
  const dataEnd = finSequence ?? connection.sendNext;
  const size = Math.min(sequenceDistance(dataEnd, sequence), payloadRoom(connection), length);
  const payload = connection.sendBuffer.peek(sequenceDistance(sequence, connection.sendUnacknowledged), Math.max(0, size));
  const fin = finSequence !== null && sequenceAdd(sequence, payload.length) === finSequence;
  if (payload.length === 0 && !fin) return 0;
  // A round trip that may be of either copy says nothing (Karn).
  connection.timed = null;
  transmit(tcp, connection, { flags: { ack: true, psh: payload.length > 0, fin }, sequence, payload });
  return payload.length + (fin ? 1 : 0);
}
