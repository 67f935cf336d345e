import type { TcpConnection } from "./connection.ts";
import { transmitAcknowledgment } from "./output.ts";
import { isAfter, sequenceAdd, sequenceDistance } from "./sequence.ts";
import type { Tcp } from "./tcp.ts";

/**
 * The window to tell the peer, in bytes. Its right edge never moves back, and moves on in worthwhile steps only, so that a slow reader
 * does not provoke tiny segments (RFC 9293 3.8.6.2.2).
 */
export function windowToAdvertise(tcp: Tcp, connection: TcpConnection, isUnscaled = false): number {
  const { receiveNext } = connection;
  const capacity = capacityOf(tcp, connection);
  // What a callout defers at STREAM takes room as well: the window shrinks (WFP-SHIMS 4.9).
  const held = connection.receiveBuffer.length + (connection.streams?.inbound.waiting ?? 0);
  const free = Math.max(0, capacity - held);
  const edge = sequenceAdd(receiveNext, free);
  const growth = sequenceDistance(edge, connection.advertisedEdge);
  if (growth >= Math.min(capacity / 2, connection.maximumSegmentSize)) connection.advertisedEdge = edge;
  const window = Math.max(0, sequenceDistance(connection.advertisedEdge, receiveNext));
  // The window of a SYN is never scaled (RFC 7323 2.2). Rounded up: what was once offered is not taken back.
  const { receiveShift } = connection.negotiated;
  return Math.min(0xffff, isUnscaled ? window : Math.ceil(window / 2 ** receiveShift));
}

/** A whole number of segments, as Windows has it: 64,240 bytes of 65,535 with segments of 1,460. */
function capacityOf(tcp: Tcp, connection: TcpConnection): number {
  const { receiveBuffer } = tcp.settings;
  const size = tcp.segmentSize(connection.tuple.local);
  return receiveBuffer < size ? receiveBuffer : Math.floor(receiveBuffer / size) * size;
}

/** The first window: the whole buffer from the peer's first byte on. */
export function openReceiveWindow(tcp: Tcp, connection: TcpConnection): void {
  connection.advertisedEdge = sequenceAdd(connection.receiveNext, capacityOf(tcp, connection));
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
