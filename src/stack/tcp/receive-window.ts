import type { TcpConnection } from "./connection.ts";
import { transmitAcknowledgment } from "./output.ts";
import { isAfter, sequenceAdd, sequenceDistance } from "./sequence.ts";
import type { Tcp } from "./tcp.ts";

/**
 * The window to tell the peer, in bytes. Its right edge never moves back, and moves on in worthwhile steps only, so that a slow reader
 * does not provoke tiny segments (RFC 9293 3.8.6.2.2).
 */
export function windowToAdvertise(tcp: Tcp, connection: TcpConnection): number {
  const { receiveNext } = connection;
  const capacity = tcp.settings.receiveBuffer;
  // What a callout defers at STREAM takes room as well: the window shrinks (WFP-SHIMS 4.9).
  const held = connection.receiveBuffer.length + (connection.streams?.inbound.waiting ?? 0);
  const free = Math.max(0, capacity - held);
  const edge = sequenceAdd(receiveNext, free);
  const growth = sequenceDistance(edge, connection.advertisedEdge);
  if (growth >= Math.min(capacity / 2, connection.maximumSegmentSize)) connection.advertisedEdge = edge;
  return Math.max(0, Math.min(0xffff, sequenceDistance(connection.advertisedEdge, receiveNext)));
}

/** The first window: the whole buffer from the peer's first byte on. */
export function openReceiveWindow(tcp: Tcp, connection: TcpConnection): void {
  connection.advertisedEdge = sequenceAdd(connection.receiveNext, tcp.settings.receiveBuffer);
}

/** The application has read: tells the peer if the window was too small for a full segment and no longer is. */
export function windowOpened(tcp: Tcp, connection: TcpConnection): void {
  if (!connection.isSynchronized || connection.peerFinished || connection.state === "TIME-WAIT") return;
  const before = sequenceDistance(connection.advertisedEdge, connection.receiveNext);
  if (before >= connection.maximumSegmentSize) return;
  const edge = connection.advertisedEdge;
  windowToAdvertise(tcp, connection);
  if (isAfter(connection.advertisedEdge, edge)) transmitAcknowledgment(tcp, connection);
}
