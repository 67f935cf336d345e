import { indicate } from "../indicate.ts";
import { transportEventOf } from "../ip/packet-event.ts";
import type { IpPacket } from "../packet.ts";
import type { TcpConnection } from "./connection.ts";
import type { Tcp } from "./tcp.ts";

/** STREAM_PACKET of a segment that came in: after INBOUND_TRANSPORT and ALE, before STREAM (WFP-SHIMS 4.2). */
export function passesStreamPacket(tcp: Tcp, connection: TcpConnection, packet: IpPacket): boolean {
  const situation = { direction: "inbound", packet, connection } as const;
  return indicate(tcp.host, "streamPacket", situation, transportEventOf(packet)).passes;
}
