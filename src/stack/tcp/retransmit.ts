import type { TcpConnection } from "./connection.ts";
import { finish } from "./finish.ts";
import { transmit } from "./output.ts";
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
  const opening = connection.state === "SYN-SENT" || connection.state === "SYN-RECEIVED";
  if (connection.retransmissions >= (opening ? settings.synRetransmissions : settings.dataRetransmissions)) {
    // Winsock calls a connect without answer a time-out, and a connection whose data is never acknowledged an abort.
    finish(tcp, connection, opening ? "WSAETIMEDOUT" : "WSAECONNABORTED");
    return;
  }
  connection.retransmissions++;
  connection.timed = null;
  connection.rto.backOff();
  connection.recover = connection.sendNext;
  retransmitOldest(tcp, connection);
  if (connection.state !== "CLOSED") startRetransmission(tcp, connection);
}

/** Sends the oldest unacknowledged segment again. */
export function retransmitOldest(tcp: Tcp, connection: TcpConnection): void {
  const sequence = connection.sendUnacknowledged;
  if (connection.state === "SYN-SENT") {
    transmit(tcp, connection, { flags: { syn: true }, sequence });
    return;
  }
  if (connection.state === "SYN-RECEIVED") {
    transmit(tcp, connection, { flags: { syn: true, ack: true }, sequence });
    return;
  }
  const { finSequence } = connection;
  const dataEnd = finSequence ?? connection.sendNext;
  const size = Math.min(sequenceDistance(dataEnd, sequence), connection.maximumSegmentSize);
  const payload = connection.sendBuffer.peek(0, Math.max(0, size));
  const fin = finSequence !== null && sequenceAdd(sequence, payload.length) === finSequence;
  transmit(tcp, connection, { flags: { ack: true, psh: payload.length > 0, fin }, sequence, payload });
}
