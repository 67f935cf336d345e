import type { WinsockErrorName } from "../winsock-error.ts";
import type { TcpConnection } from "./connection.ts";
import type { Tcp } from "./tcp.ts";

/**
 * The connection is over: its flow ends and its owner learns why; null means that both sides had closed it. No segment of it is
 * answered any more except as a stray one.
 */
export function finish(tcp: Tcp, connection: TcpConnection, error: WinsockErrorName | null): void {
  tcp.table.remove(connection);
  end(tcp, connection, error);
}

/**
 * As `finish`, but the connection stays in the table until its socket is closed: after a failed reauthorization its denied flow
 * goes on dropping what the peer sends.
 */
export function end(tcp: Tcp, connection: TcpConnection, error: WinsockErrorName | null): void {
  if (connection.state === "CLOSED") return;
  connection.cancelTimers();
  connection.state = "CLOSED";
  connection.error = error;
  tcp.host.flows.remove(connection.flow);
  connection.owner.ended(connection, error);
}
