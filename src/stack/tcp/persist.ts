import type { TcpConnection } from "./connection.ts";
import { transmit } from "./output.ts";
import type { Tcp } from "./tcp.ts";

/**
 * The peer's window is closed and nothing is outstanding whose acknowledgment would tell of a change: one byte beyond the window is sent
 * now and then until it opens (RFC 9293 3.8.6.1).
 */
export function startPersist(tcp: Tcp, connection: TcpConnection): void {
  connection.persistTimer ??= tcp.host.clock.after(connection.rto.current, () => {
    connection.persistTimer = null;
    if (connection.sendBuffer.length === 0 || connection.sendWindow > 0) return;
    const sequence = connection.sendUnacknowledged;
    const sent = transmit(tcp, connection, { flags: { ack: true }, sequence, payload: connection.sendBuffer.peek(0, 1) });
    connection.rto.backOff();
    if (sent) startPersist(tcp, connection);
  });
}

export function stopPersist(connection: TcpConnection): void {
  connection.persistTimer?.cancel();
  connection.persistTimer = null;
}
