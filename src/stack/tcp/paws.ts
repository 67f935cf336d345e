import type { TcpConnection } from "./connection.ts";
import type { TcpSegment } from "./segment.ts";
import { isBefore } from "./sequence.ts";

/** Protection against wrapped sequence numbers: whether a segment's timestamp is older than one already seen (RFC 7323 5.3). */
export function isOldTimestamp(connection: TcpConnection, { options, flags }: TcpSegment): boolean {
  const { timestamps } = options;
  if (!connection.negotiated.timestamps || timestamps === undefined || flags.rst) return false;
  return isBefore(timestamps.value, connection.recentTimestamp);
}

/** The timestamp to echo: of the segment that spans what was last acknowledged (RFC 7323 4.3). */
export function noteTimestamp(connection: TcpConnection, { options, sequence }: TcpSegment): void {
  const { timestamps } = options;
  if (timestamps === undefined || !connection.negotiated.timestamps) return;
  if (isBefore(connection.recentTimestamp, timestamps.value) && !isBefore(connection.receiveNext, sequence)) {
    connection.recentTimestamp = timestamps.value;
  }
}
