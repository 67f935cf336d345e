import type { TcpConnection } from "./connection.ts";
import { finish } from "./finish.ts";
import { transmit } from "./output.ts";
import { sequenceAdd } from "./sequence.ts";
import type { Tcp } from "./tcp.ts";

/** Idle seconds before the first probe, seconds between probes, probes without answer (KeepAliveTime, KeepAliveInterval; Windows: 10 probes). */
export interface KeepAlive {
  readonly time: number;
  readonly interval: number;
  readonly probes: number;
}

export const WINDOWS_KEEP_ALIVE: KeepAlive = { time: 7200, interval: 1, probes: 10 };

/** SO_KEEPALIVE on: probes an idle connection (RFC 9293 3.8.4) with a segment one number before what is expected. */
export function startKeepAlive(tcp: Tcp, connection: TcpConnection, settings: KeepAlive): void {
  stopKeepAlive(connection);
  connection.keepAlive = settings;
  connection.unansweredProbes = 0;
  probeLater(tcp, connection, settings, settings.time);
}

export function stopKeepAlive(connection: TcpConnection): void {
  connection.keepAliveTimer?.cancel();
  connection.keepAliveTimer = null;
  connection.keepAlive = null;
}

/** The peer has spoken: it is alive. */
export function heard(tcp: Tcp, connection: TcpConnection): void {
  connection.lastHeard = tcp.host.clock.seconds;
  connection.unansweredProbes = 0;
}

function probeLater(tcp: Tcp, connection: TcpConnection, settings: KeepAlive, delay: number): void {
  connection.keepAliveTimer = tcp.host.clock.after(delay, () => {
    connection.keepAliveTimer = null;
    const idle = tcp.host.clock.seconds - connection.lastHeard;
    if (connection.unansweredProbes === 0 && idle < settings.time) {
      probeLater(tcp, connection, settings, settings.time - idle);
      return;
    }
    if (connection.unansweredProbes >= settings.probes) {
      // Winsock tells a dead peer by WSAENETRESET (WSARecv: "keep-alive activity detecting a failure").
      finish(tcp, connection, "WSAENETRESET");
      return;
    }
    connection.unansweredProbes++;
    const sequence = sequenceAdd(connection.sendNext, -1);
    if (transmit(tcp, connection, { flags: { ack: true }, sequence })) probeLater(tcp, connection, settings, settings.interval);
  });
}
