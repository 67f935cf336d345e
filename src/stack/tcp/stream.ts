import { indicate } from "../indicate.ts";
import type { TcpConnection } from "./connection.ts";
import type { Tcp } from "./tcp.ts";

/** STREAM: whether these bytes of the connection's data go on in their direction (WFP-SHIMS 4.9). */
export function passesStream(tcp: Tcp, connection: TcpConnection, direction: "inbound" | "outbound", data: Uint8Array): boolean {
  return indicate(tcp.host, "stream", { direction, packet: null, connection, streamBytes: data.length }, "data").passes;
}
