import {
  type CaptureInterface,
  type CaptureProblem,
  CaptureReader,
  type NameRecord,
  type PacketBatch,
  packetComments,
  packetDirection,
} from "../../../src/wire/index.ts";

/** A packet of a capture, taken out of its batch. */
export interface ReadPacket {
  readonly number: number;
  readonly seconds: number;
  readonly nanoseconds: number;
  readonly data: Uint8Array;
  readonly original: number;
  readonly interfaceIndex: number;
  readonly linkType: number;
  readonly fileOffset: number;
  readonly comments: readonly string[];
  readonly direction: "inbound" | "outbound" | undefined;
}

export interface ReadCapture {
  readonly format: "pcap" | "pcapng" | undefined;
  readonly packets: readonly ReadPacket[];
  readonly problems: readonly CaptureProblem[];
  readonly interfaces: readonly CaptureInterface[];
  readonly names: readonly NameRecord[];
}

/** Reads a capture in pieces that end at `splits`, in a buffer that is reused as a file's would be. */
export function readCapture(bytes: Uint8Array, splits: readonly number[] = []): ReadCapture {
  const packets: ReadPacket[] = [];
  const problems: CaptureProblem[] = [];
  const names: NameRecord[] = [];
  const reader = new CaptureReader({
    packets: (batch) => {
      for (let index = 0; index < batch.count; index++) packets.push(packetOf(batch, index));
    },
    problem: (problem) => problems.push(problem),
    names: (record) => names.push(record),
  });
  const buffer = new Uint8Array(bytes.length);
  let at = 0;
  for (const split of [...splits, bytes.length]) {
    const piece = bytes.subarray(at, Math.max(at, split));
    buffer.fill(0xee);
    buffer.set(piece);
    reader.push(buffer.subarray(0, piece.length));
    at += piece.length;
  }
  reader.end();
  return { format: reader.format, packets, problems, interfaces: reader.interfaces, names };
}

export function packetOf(batch: PacketBatch, index: number): ReadPacket {
  const at = batch.offset[index] ?? Number.NaN;
  return {
    number: batch.firstNumber + index,
    seconds: batch.seconds[index] ?? Number.NaN,
    nanoseconds: batch.nanoseconds[index] ?? Number.NaN,
    data: batch.bytes.slice(at, at + (batch.captured[index] ?? Number.NaN)),
    original: batch.original[index] ?? Number.NaN,
    interfaceIndex: batch.interfaceIndex[index] ?? Number.NaN,
    linkType: batch.linkType[index] ?? Number.NaN,
    fileOffset: batch.fileOffset[index] ?? Number.NaN,
    comments: packetComments(batch, index),
    direction: packetDirection(batch, index),
  };
}

export interface PcapPacket {
  readonly seconds: number;
  /** In the unit of the file. */
  readonly fraction: number;
  readonly data: Uint8Array;
  readonly original?: number;
}

export interface PcapSetting {
  readonly littleEndian?: boolean;
  readonly nanoseconds?: boolean;
  readonly linkType?: number;
  readonly snapLength?: number;
}

/** A classic capture file. */
export function pcap(packets: readonly PcapPacket[], setting: PcapSetting = {}): Uint8Array {
  const little = setting.littleEndian ?? true;
  const bytes = new Uint8Array(24 + packets.reduce((sum, { data }) => sum + 16 + data.length, 0));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, setting.nanoseconds === true ? 0xa1b23c4d : 0xa1b2c3d4, little);
  view.setUint16(4, 2, little);
  view.setUint16(6, 4, little);
  view.setUint32(16, setting.snapLength ?? 262_144, little);
  view.setUint32(20, setting.linkType ?? 1, little);
  let at = 24;
  for (const { seconds, fraction, data, original } of packets) {
    view.setUint32(at, seconds, little);
    view.setUint32(at + 4, fraction, little);
    view.setUint32(at + 8, data.length, little);
    view.setUint32(at + 12, original ?? data.length, little);
    bytes.set(data, at + 16);
    at += 16 + data.length;
  }
  return bytes;
}

/** A pcapng block; the body is made with the same byte order. */
export function block(type: number, body: Uint8Array, littleEndian = true): Uint8Array {
  const length = 12 + Math.ceil(body.length / 4) * 4;
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, type, littleEndian);
  view.setUint32(4, length, littleEndian);
  bytes.set(body, 8);
  view.setUint32(length - 4, length, littleEndian);
  return bytes;
}

/** Fields of 16 or 32 bits, and bytes as they are. */
export function fields(
  littleEndian: boolean,
  ...parts: readonly (Uint8Array | { readonly u16: number } | { readonly u32: number })[]
): Uint8Array {
  return concat(
    ...parts.map((part) => {
      if (part instanceof Uint8Array) return part;
      const bytes = new Uint8Array("u16" in part ? 2 : 4);
      const view = new DataView(bytes.buffer);
      if ("u16" in part) view.setUint16(0, part.u16, littleEndian);
      else view.setUint32(0, part.u32, littleEndian);
      return bytes;
    }),
  );
}

export function sectionHeader(littleEndian = true): Uint8Array {
  const body = fields(littleEndian, { u32: 0x1a2b3c4d }, { u16: 1 }, { u16: 0 }, { u32: 0xffffffff }, { u32: 0xffffffff });
  return block(0x0a0d0d0a, body, littleEndian);
}

export function interfaceBlock(
  linkType: number,
  options: readonly (readonly [number, Uint8Array])[] = [],
  littleEndian = true,
  snapLength = 0,
): Uint8Array {
  const encoded = options.map(([code, value]) => option(code, value, littleEndian));
  return block(1, fields(littleEndian, { u16: linkType }, { u16: 0 }, { u32: snapLength }, ...encoded), littleEndian);
}

export function option(code: number, value: Uint8Array, littleEndian = true): Uint8Array {
  const padding = new Uint8Array(Math.ceil(value.length / 4) * 4 - value.length);
  return fields(littleEndian, { u16: code }, { u16: value.length }, value, padding);
}

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** Everything that a function emits, as one file. */
export function collected(write: (emit: (bytes: Uint8Array) => void) => void): Uint8Array {
  const pieces: Uint8Array[] = [];
  write((piece) => pieces.push(piece.slice()));
  return concat(...pieces);
}
