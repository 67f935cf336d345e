import type { CaptureInterface, NameRecord } from "./capture-handler.ts";
import { blockOptions, OPTION, optionText, padded } from "./pcapng-options.ts";

/** Block types (draft-ietf-opsawg-pcapng 10.1). */
export const BLOCK = {
  section: 0x0a0d0d0a,
  interface: 1,
  /** Obsolete; 0.x captures have it. */
  packet: 2,
  simplePacket: 3,
  names: 4,
  statistics: 5,
  enhancedPacket: 6,
  systemdJournal: 9,
  secrets: 10,
  custom: 0x0bad,
  customNoCopy: 0x40000bad,
} as const;

export const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
/** Type, length and length again. */
export const BLOCK_FRAME = 12;
/** Bytes from the start of an enhanced packet block, or an obsolete packet block, to the frame. */
export const PACKET_HEADER = 28;

const NAME_OPTION = 2;
const DESCRIPTION_OPTION = 3;
const RESOLUTION_OPTION = 9;
const OFFSET_OPTION = 14;
const MICROSECONDS = 6;

/** An interface description block of at least 20 bytes (4.2). */
export function readInterface(
  bytes: Uint8Array,
  view: DataView,
  at: number,
  length: number,
  littleEndian: boolean,
  section: number,
): Omit<CaptureInterface, "index"> {
  let name: string | undefined;
  let description: string | undefined;
  let resolution = MICROSECONDS;
  let offsetSeconds = 0;
  const comments: string[] = [];
  for (const { code, value } of blockOptions(bytes, view, at + 16, at + length - 4, littleEndian)) {
    if (code === OPTION.comment) comments.push(optionText(value));
    else if (code === NAME_OPTION) name = optionText(value);
    else if (code === DESCRIPTION_OPTION) description = optionText(value);
    else if (code === RESOLUTION_OPTION) resolution = value[0] ?? MICROSECONDS;
    else if (code === OFFSET_OPTION && value.length === 8) offsetSeconds = int64(value, littleEndian);
  }
  const linkType = view.getUint16(at + 8, littleEndian);
  const snapLength = view.getUint32(at + 12, littleEndian);
  return { section, linkType, snapLength, name, description, comments, resolution, offsetSeconds };
}

function int64(value: Uint8Array, littleEndian: boolean): number {
  return Number(new DataView(value.buffer, value.byteOffset, 8).getBigInt64(0, littleEndian));
}

/** Whether timestamps of that resolution fit: beyond 10^19 or 2^63 a second has more ticks than the field. */
export function isResolutionUsable(resolution: number): boolean {
  return resolution >= 0x80 ? (resolution & 0x7f) < 64 : resolution < 20;
}

const ENTRY_END = 0;
const ENTRY_IPV4 = 1;
const ENTRY_IPV6 = 2;

/** The entries of a name resolution block (4.5), as far as they are whole. */
export function* readNames(bytes: Uint8Array, view: DataView, at: number, length: number, littleEndian: boolean): Iterable<NameRecord> {
  const to = at + length - 4;
  let entry = at + 8;
  while (entry + 4 <= to) {
    const type = view.getUint16(entry, littleEndian);
    const size = view.getUint16(entry + 2, littleEndian);
    if (type === ENTRY_END || entry + 4 + size > to) return;
    const addressLength = type === ENTRY_IPV4 ? 4 : type === ENTRY_IPV6 ? 16 : 0;
    if (addressLength > 0 && size >= addressLength) {
      const value = bytes.slice(entry + 4, entry + 4 + size);
      yield { address: value.subarray(0, addressLength), names: namesIn(value.subarray(addressLength)) };
    }
    entry += 4 + padded(size);
  }
}

/** Zero-terminated names one after another. */
function namesIn(bytes: Uint8Array): string[] {
  const names: string[] = [];
  let at = 0;
  while (at < bytes.length) {
    const name = optionText(bytes.subarray(at));
    if (name !== "") names.push(name);
    const end = bytes.indexOf(0, at);
    if (end < 0) break;
    at = end + 1;
  }
  return names;
}
