import type { Host } from "../host.ts";
import { indicate } from "../indicate.ts";
import type { IpPacket } from "../packet.ts";
import type { TcpConnection } from "../tcp/connection.ts";
import { transportEvent } from "../tcp/segment-event.ts";

/** ALE_FLOW_ESTABLISHED, when `packet` completes the handshake for this host; false: the connection must be closed. */
export function isFlowEstablished(host: Host, connection: TcpConnection, packet: IpPacket): boolean {
  const situation = { direction: connection.flow.direction, packet: null, connection } as const;
  return indicate(host, "flowEstablished", situation, transportEvent(packet.segment)).passes;
}
