import type { IpPacket } from "../packet.ts";
import type { WinsockErrorName } from "../winsock-error.ts";
import { challenge } from "./challenge.ts";
import type { TcpConnection } from "./connection.ts";
import { finish } from "./finish.ts";
import { transmit, transmitStray } from "./output.ts";
import { sequenceLength, type TcpSegment, tcpFlags } from "./segment.ts";
import { isBefore, sequenceAdd, sequenceDistance } from "./sequence.ts";
import type { Tcp } from "./tcp.ts";

/** Ends a connection with a reset to the peer. */
export function abort(tcp: Tcp, connection: TcpConnection, error: WinsockErrorName | null): void {
  transmit(tcp, connection, { flags: { rst: true, ack: true } });
  finish(tcp, connection, error);
}

/** Answers a segment that belongs to no connection (RFC 9293 3.10.7.1); a reset is never answered. */
export function resetStray(tcp: Tcp, packet: IpPacket): void {
  const { segment } = packet;
  if (segment.flags.rst) return;
  const answer: Pick<TcpSegment, "sequence" | "acknowledgment" | "flags"> = segment.flags.ack
    ? { sequence: segment.acknowledgment, acknowledgment: 0, flags: tcpFlags({ rst: true }) }
    : {
        sequence: 0,
        acknowledgment: sequenceAdd(segment.sequence, sequenceLength(segment)),
        flags: tcpFlags({ rst: true, ack: true }),
      };
  transmitStray(tcp, packet, answer);
}

/** The peer resets a synchronized connection; only the exact sequence number is believed (RFC 5961 3.2). */
export function acceptReset(tcp: Tcp, connection: TcpConnection, segment: TcpSegment): void {
  const offset = sequenceDistance(segment.sequence, connection.receiveNext);
  if (offset === 0) finish(tcp, connection, "WSAECONNRESET");
  else if (offset > 0 && isBefore(segment.sequence, connection.advertisedEdge)) challenge(tcp, connection);
}
