import { StreamInspection } from "../stream/inspection.ts";
import type { TcpConnection } from "./connection.ts";
import { peerFinReached } from "./receive.ts";
import { windowOpened } from "./receive-window.ts";
import { abort } from "./reset.ts";
import { push } from "./send.ts";
import type { Tcp } from "./tcp.ts";

/** STREAM of a connection, one inspection per direction. */
export interface Streams {
  readonly inbound: StreamInspection;
  readonly outbound: StreamInspection;
}

/** Connects STREAM with the buffers of a connection: what passes goes to the program, or out. */
export function streamsOf(tcp: Tcp, connection: TcpConnection): Streams {
  const { host } = tcp;
  const drop = (): void => abort(tcp, connection, "WSAECONNABORTED");
  connection.streams ??= {
    inbound: new StreamInspection(host, connection, "inbound", {
      accept: (data) => connection.receiveBuffer.append(data),
      drop,
      drained: () => {
        connection.owner.readable(connection);
        if (connection.peerFin !== null) peerFinReached(tcp, connection);
        windowOpened(tcp, connection);
      },
    }),
    outbound: new StreamInspection(host, connection, "outbound", {
      accept: (data) => {
        connection.sendBuffer.append(data);
        push(tcp, connection);
      },
      drop,
      drained: () => undefined,
    }),
  };
  return connection.streams;
}
