import type { PacketBatch } from "./packet-batch.ts";
import { BLOCK, PACKET_HEADER } from "./pcapng-blocks.ts";
import { blockOptions, OPTION, optionText, padded } from "./pcapng-options.ts";

const FLAGS = 2;

/** Comments of a packet, in the order of the file; only pcapng has any. */
export function packetComments(batch: PacketBatch, index: number): string[] {
  return optionsOf(batch, index)
    .filter(({ code }) => code === OPTION.comment)
    .map(({ value }) => optionText(value));
}

/** What the capturing program noted of the packet's direction (`epb_flags`, draft-ietf-opsawg-pcapng 4.3.1). */
export function packetDirection(batch: PacketBatch, index: number): "inbound" | "outbound" | undefined {
  const flags = optionsOf(batch, index).find(({ code, value }) => code === FLAGS && value.length === 4)?.value;
  if (flags === undefined) return undefined;
  const bits = new DataView(flags.buffer, flags.byteOffset, 4).getUint32(0, batch.littleEndian) & 3;
  return bits === 1 ? "inbound" : bits === 2 ? "outbound" : undefined;
}

function optionsOf({ bytes, view, blockOffset, captured, littleEndian, isPcapng }: PacketBatch, index: number) {
  const at = blockOffset[index];
  if (!isPcapng || at === undefined) return [];
  const type = view.getUint32(at, littleEndian);
  if (type !== BLOCK.enhancedPacket && type !== BLOCK.packet) return [];
  const end = at + view.getUint32(at + 4, littleEndian) - 4;
  return [...blockOptions(bytes, view, at + PACKET_HEADER + padded(captured[index] ?? 0), end, littleEndian)];
}
