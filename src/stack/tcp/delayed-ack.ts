import type { TcpConnection } from "./connection.ts";
import { transmitAcknowledgment } from "./output.ts";
import type { Tcp } from "./tcp.ts";

/** Segments that are acknowledged together at most (Windows' TcpAckFrequency). */
const FREQUENCY = 2;

/**
 * Data arrived in order. The acknowledgment waits for data to travel with, for the second segment, or for the timer (RFC 9293 3.8.6.3), which is
 * why a request and its prompt reply need no bare ACK.
 */
export function acknowledgeLater(tcp: Tcp, connection: TcpConnection): void {
  connection.unacknowledgedSegments++;
  if (connection.unacknowledgedSegments >= FREQUENCY) {
    transmitAcknowledgment(tcp, connection);
    return;
  }
  connection.delayedAckTimer ??= tcp.host.clock.after(tcp.settings.delayedAck, () => {
    connection.delayedAckTimer = null;
    transmitAcknowledgment(tcp, connection);
  });
}

/** A segment with an acknowledgment leaves. */
export function acknowledgmentSent(connection: TcpConnection): void {
  connection.unacknowledgedSegments = 0;
  connection.delayedAckTimer?.cancel();
  connection.delayedAckTimer = null;
}
