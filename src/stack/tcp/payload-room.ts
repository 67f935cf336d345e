import type { TcpConnection } from "./connection.ts";
import { sackBlocks } from "./sack.ts";

/** Bytes of a SACK option with its padding, and of each block in it (RFC 2018 3). */
const SACK_OPTION = 4;
const SACK_BLOCK = 8;

/**
 * Bytes of payload that the next segment may carry: options beyond those that every segment has take their place from it (RFC 9293 3.7.1),
 * for a segment that may not be cut has to fit.
 */
export function payloadRoom(connection: TcpConnection): number {
  const blocks = sackBlocks(connection).length;
  return connection.maximumSegmentSize - (blocks === 0 ? 0 : SACK_OPTION + SACK_BLOCK * blocks);
}
