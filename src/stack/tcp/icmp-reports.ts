import type { ConnectionTuple } from "./connection.ts";
import { TIMESTAMPS_SIZE } from "./options.ts";
import { retransmitOldest } from "./retransmit.ts";
import { FIXED_HEADER } from "./segment.ts";
import type { Tcp } from "./tcp.ts";

/** Smaller path MTUs than 576 are not believed, as they would only serve an attacker (RFC 5927 7). */
const SMALLEST_SEGMENT = 536;

/** A router says that packets of a connection are too long: segments shrink, and what is on the way goes out again (RFC 1191 6.4). */
export function pathMtuReported(tcp: Tcp, tuple: ConnectionTuple, mtu: number): void {
  const connection = tcp.table.find(tuple);
  if (connection === undefined) return;
  const timestamps = connection.negotiated.timestamps ? TIMESTAMPS_SIZE : 0;
  const room = mtu - (tuple.local.family === 4 ? 20 : 40) - FIXED_HEADER - timestamps;
  if (room < SMALLEST_SEGMENT || room >= connection.maximumSegmentSize) return;
  connection.maximumSegmentSize = room;
  // Everything outstanding was too long: each acknowledgment brings the next piece, without waiting for the timer.
  connection.recover = connection.sendNext;
  retransmitOldest(tcp, connection);
}

/**
 * A peer or router says that a connection cannot get there. These are soft errors: TCP goes on trying (RFC 1122 4.2.3.9), and tells the
 * program only when it gives up.
 */
export function destinationUnreachable(tcp: Tcp, tuple: ConnectionTuple, meaning: "unreachable" | "port" | "protocol" | "hop-limit"): void {
  const connection = tcp.table.find(tuple);
  if (connection === undefined) return;
  connection.softError = meaning === "unreachable" || meaning === "hop-limit" ? "WSAEHOSTUNREACH" : "WSAECONNREFUSED";
}
