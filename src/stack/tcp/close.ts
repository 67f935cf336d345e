import type { TcpConnection } from "./connection.ts";
import { finish } from "./finish.ts";
import { abort } from "./reset.ts";
import { push } from "./send.ts";
import type { Tcp } from "./tcp.ts";

/** Seconds that a connection the application has closed waits for the peer's FIN (TcpFinWait2Delay). */
const FIN_WAIT_2 = 120;

/** The application will send no more: a FIN follows the data (shutdown, SD_SEND). */
export function closeSending(tcp: Tcp, connection: TcpConnection): void {
  if (!connection.maySend) return;
  // What a callout was still waiting to see more of is decided now (FWPS_STREAM_FLAG_SEND_DISCONNECT).
  connection.streams?.outbound.end();
  if (connection.isOver) return;
  connection.finQueued = true;
  connection.state = connection.state === "ESTABLISHED" ? "FIN-WAIT-1" : "LAST-ACK";
  push(tcp, connection);
}

/** closesocket: orderly, unless there is data that nobody will read now (RFC 9293 3.6.1). */
export function release(tcp: Tcp, connection: TcpConnection): void {
  connection.released = true;
  if (connection.state === "TIME-WAIT") return;
  if (connection.state === "CLOSED") tcp.table.remove(connection);
  else if (connection.state === "SYN-SENT") finish(tcp, connection, "WSAECONNABORTED");
  else if (connection.receiveBuffer.length > 0 || connection.state === "SYN-RECEIVED") abort(tcp, connection, "WSAECONNABORTED");
  else {
    closeSending(tcp, connection);
    waitForPeer(tcp, connection);
  }
}

/** Our FIN was acknowledged. */
export function finAcknowledged(tcp: Tcp, connection: TcpConnection): void {
  switch (connection.state) {
    case "FIN-WAIT-1":
      connection.state = "FIN-WAIT-2";
      waitForPeer(tcp, connection);
      return;
    case "CLOSING":
      enterTimeWait(tcp, connection);
      return;
    case "LAST-ACK":
      finish(tcp, connection, null);
  }
}

/** All the peer's data has arrived, and its FIN. */
export function finReached(tcp: Tcp, connection: TcpConnection): void {
  switch (connection.state) {
    case "ESTABLISHED":
      connection.state = "CLOSE-WAIT";
      break;
    case "FIN-WAIT-1":
      connection.state = "CLOSING";
      break;
    case "FIN-WAIT-2":
      enterTimeWait(tcp, connection);
  }
  connection.owner.readable(connection);
}

function waitForPeer(tcp: Tcp, connection: TcpConnection): void {
  if (connection.state !== "FIN-WAIT-2" || !connection.released) return;
  connection.stateTimer ??= tcp.host.clock.after(FIN_WAIT_2, () => finish(tcp, connection, null));
}

/** Both sides are done. The application and ALE have nothing to do with it any more; late segments are still answered for a while. */
function enterTimeWait(tcp: Tcp, connection: TcpConnection): void {
  connection.cancelTimers();
  connection.state = "TIME-WAIT";
  tcp.host.flows.remove(connection.flow);
  connection.stateTimer = tcp.host.clock.after(tcp.settings.timeWait, () => {
    connection.state = "CLOSED";
    tcp.table.remove(connection);
  });
  connection.owner.ended(connection, null);
}
