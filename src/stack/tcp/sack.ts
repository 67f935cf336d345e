import type { TcpConnection } from "./connection.ts";
import type { SackBlock } from "./segment.ts";
import { isAfter, sequenceAdd } from "./sequence.ts";

/** Blocks that fit into a header; one less beside timestamps. */
const MOST_BLOCKS = 4;

/** What we hold beyond the acknowledgment, the block with the latest segment first (RFC 2018 4). */
export function sackBlocks(connection: TcpConnection): readonly SackBlock[] {
  if (!connection.negotiated.sack || connection.outOfOrder.length === 0) return [];
  const blocks: { left: number; right: number }[] = [];
  for (const { sequence, payload } of connection.outOfOrder) {
    const right = sequenceAdd(sequence, payload.length);
    const last = blocks.at(-1);
    if (last !== undefined && !isAfter(sequence, last.right)) last.right = isAfter(right, last.right) ? right : last.right;
    else blocks.push({ left: sequence, right });
  }
  const latest = blocks.findIndex(
    ({ left, right }) => !isAfter(left, connection.latestOutOfOrder) && isAfter(right, connection.latestOutOfOrder),
  );
  const ordered = latest > 0 ? [...blocks.slice(latest, latest + 1), ...blocks.toSpliced(latest, 1)] : blocks;
  return ordered.slice(0, connection.negotiated.timestamps ? MOST_BLOCKS - 1 : MOST_BLOCKS);
}
