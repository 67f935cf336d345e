import { isConnectionReauthorized } from "../ale/reauthorize.ts";
import type { IpPacket } from "../packet.ts";
import { acceptAcknowledgment } from "./acknowledge.ts";
import { acceptInSynSent } from "./active-open.ts";
import { challenge } from "./challenge.ts";
import type { ConnectionTuple, TcpConnection } from "./connection.ts";
import { discardSegment } from "./discard.ts";
import { finish } from "./finish.ts";
import { passesInboundTransport } from "./inbound-transport.ts";
import { heard } from "./keep-alive.ts";
import { noEndpoint } from "./no-listener.ts";
import { transmitAcknowledgment } from "./output.ts";
import { acceptInSynReceived, openPassively } from "./passive-open.ts";
import { isOldTimestamp, noteTimestamp } from "./paws.ts";
import { acceptText } from "./receive.ts";
import { acceptReset, resetStray } from "./reset.ts";
import { retransmitOldest } from "./retransmit.ts";
import { sequenceLength, type TcpSegment } from "./segment.ts";
import { isBefore, sequenceAdd, sequenceDistance } from "./sequence.ts";
import { passesStreamPacket } from "./stream-packet.ts";
import type { Tcp } from "./tcp.ts";

/** A segment that passed the network layer: finds whom it is for, indicates it and hands it to the mechanisms. */
export function receiveSegment(tcp: Tcp, packet: IpPacket): void {
  const { segment } = packet;
  const tuple: ConnectionTuple = {
    local: packet.destination,
    localPort: segment.destinationPort,
    remote: packet.source,
    remotePort: segment.sourcePort,
  };
  const connection = tcp.table.find(tuple);
  const opens = segment.flags.syn && !segment.flags.ack && !segment.flags.rst;
  if (connection !== undefined && !(opens && isSuperseded(tcp, connection, segment))) {
    receiveOnConnection(tcp, connection, packet);
    return;
  }
  const listener = opens ? tcp.table.listener(tuple.local, tuple.localPort) : undefined;
  if (listener !== undefined) openPassively(tcp, listener, packet);
  else noEndpoint(tcp, packet);
}

/** A SYN beyond the end of a connection in TIME-WAIT opens a new one (RFC 9293 3.10.7.4, first, TIME-WAIT). */
function isSuperseded(tcp: Tcp, connection: TcpConnection, segment: TcpSegment): boolean {
  if (connection.state !== "TIME-WAIT" || isBefore(segment.sequence, connection.receiveNext)) return false;
  connection.cancelTimers();
  connection.state = "CLOSED";
  tcp.table.remove(connection);
  return true;
}

function receiveOnConnection(tcp: Tcp, connection: TcpConnection, packet: IpPacket): void {
  const inspected = passesInboundTransport(tcp, packet, { connection, endpoint: connection.endpoint, aleClassifyRequired: false });
  if (!inspected || !isConnectionReauthorized(tcp, connection, packet, "inbound")) return;
  if (!passesStreamPacket(tcp, connection, packet)) return;
  const { segment } = packet;
  if (connection.state === "CLOSED") {
    // What a failed reauthorization had left over, and policy lets through again: TCP no longer knows the connection.
    tcp.table.remove(connection);
    resetStray(tcp, packet);
    return;
  }
  if (connection.state === "SYN-SENT") {
    acceptInSynSent(tcp, connection, packet);
    return;
  }
  heard(tcp, connection);
  if (isOldTimestamp(connection, segment)) {
    discardSegment(tcp, packet, "InetDiscardPawsFailed");
    transmitAcknowledgment(tcp, connection);
    return;
  }
  noteTimestamp(connection, segment);
  if (!isAcceptable(connection, segment)) {
    answerUnacceptable(tcp, connection, segment);
    return;
  }
  if (segment.flags.rst) {
    if (connection.state === "SYN-RECEIVED") finish(tcp, connection, "WSAECONNRESET");
    else acceptReset(tcp, connection, segment);
    return;
  }
  if (segment.flags.syn) {
    // In doubt (RFC 5961 4.2).
    challenge(tcp, connection);
    return;
  }
  if (!segment.flags.ack) return;
  if (connection.state === "SYN-RECEIVED" && !acceptInSynReceived(tcp, connection, packet)) return;
  if (!acceptAcknowledgment(tcp, connection, segment)) return;
  acceptText(tcp, connection, segment);
}

/** Whether any of the segment lies in the receive window (RFC 9293 3.10.7.4, first). */
function isAcceptable(connection: TcpConnection, segment: TcpSegment): boolean {
  const { receiveNext } = connection;
  const window = sequenceDistance(connection.advertisedEdge, receiveNext);
  const start = sequenceDistance(segment.sequence, receiveNext);
  const length = sequenceLength(segment);
  if (length === 0) return window === 0 ? start === 0 : start >= 0 && start < window;
  if (window === 0) return false;
  const last = sequenceDistance(sequenceAdd(segment.sequence, length - 1), receiveNext);
  return (start >= 0 && start < window) || (last >= 0 && last < window);
}

function answerUnacceptable(tcp: Tcp, connection: TcpConnection, segment: TcpSegment): void {
  if (segment.flags.rst) return;
  // A SYN seen before: our SYN-ACK was lost. The SYN-ACK that crosses ours in a simultaneous open is acknowledged (RFC 9293 3.5, figure 8).
  if (connection.state === "SYN-RECEIVED" && segment.flags.syn && !segment.flags.ack) retransmitOldest(tcp, connection);
  else {
    // The acknowledgment in it still counts: a window probe or a bare ACK beyond a closed window (RFC 9293 3.10.7.4).
    if (segment.flags.ack && connection.isSynchronized && connection.state !== "TIME-WAIT") {
      if (!acceptAcknowledgment(tcp, connection, segment)) return;
    }
    if (sequenceLength(segment) > 0 || isKeepAlive(connection, segment)) transmitAcknowledgment(tcp, connection);
  }
}

/** A keep-alive probe repeats the last number; it wants an answer though it carries nothing (RFC 9293 3.8.4). */
function isKeepAlive(connection: TcpConnection, { sequence }: TcpSegment): boolean {
  return sequenceDistance(connection.receiveNext, sequence) === 1;
}
