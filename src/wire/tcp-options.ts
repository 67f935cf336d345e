import { WireError } from "./wire-error.ts";

/** Options of a TCP header by their meaning; whatever is not known keeps its bytes. */
export type TcpOption =
  | { readonly kind: "no-operation" }
  /** Bytes (RFC 9293 3.7.1). */
  | { readonly kind: "maximum-segment-size"; readonly value: number }
  /** Shift count (RFC 7323 2.2). */
  | { readonly kind: "window-scale"; readonly shift: number }
  | { readonly kind: "sack-permitted" }
  /** RFC 2018 3. */
  | { readonly kind: "sack"; readonly blocks: readonly { readonly left: number; readonly right: number }[] }
  /** RFC 7323 3.2. */
  | { readonly kind: "timestamps"; readonly value: number; readonly echoReply: number }
  | { readonly kind: "other"; readonly type: number; readonly data: Uint8Array };

const END = 0;
const NO_OPERATION = 1;
const MAXIMUM_SEGMENT_SIZE = 2;
const WINDOW_SCALE = 3;
const SACK_PERMITTED = 4;
const SACK = 5;
const TIMESTAMPS = 8;

/** The options up to the end of the list or of `bytes`. @throws WireError if one does not fit. */
export function parseTcpOptions(bytes: Uint8Array): readonly TcpOption[] {
  const options: TcpOption[] = [];
  let offset = 0;
  while (offset < bytes.length) {
    const type = bytes[offset] ?? END;
    if (type === END) break;
    if (type === NO_OPERATION) {
      options.push({ kind: "no-operation" });
      offset++;
      continue;
    }
    const length = bytes[offset + 1] ?? 0;
    if (length < 2 || offset + length > bytes.length) {
      throw new WireError(`TCP option ${type} of ${length} bytes, but there are ${bytes.length - offset}`, 20 + offset);
    }
    options.push(parseOption(type, bytes.subarray(offset + 2, offset + length)));
    offset += length;
  }
  return options;
}

function parseOption(type: number, data: Uint8Array): TcpOption {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const { length } = data;
  if (type === MAXIMUM_SEGMENT_SIZE && length === 2) return { kind: "maximum-segment-size", value: view.getUint16(0) };
  if (type === WINDOW_SCALE && length === 1) return { kind: "window-scale", shift: view.getUint8(0) };
  if (type === SACK_PERMITTED && length === 0) return { kind: "sack-permitted" };
  if (type === SACK && length > 0 && length % 8 === 0) {
    const blocks = Array.from({ length: length / 8 }, (_, index) => ({
      left: view.getUint32(index * 8),
      right: view.getUint32(index * 8 + 4),
    }));
    return { kind: "sack", blocks };
  }
  if (type === TIMESTAMPS && length === 8) return { kind: "timestamps", value: view.getUint32(0), echoReply: view.getUint32(4) };
  return { kind: "other", type, data };
}

/** The options as they go into a header, padded to a multiple of four. @throws WireError beyond the 40 bytes there is room for. */
export function emitTcpOptions(options: readonly TcpOption[]): Uint8Array {
  const bytes = options.flatMap(emitOption);
  while (bytes.length % 4 !== 0) bytes.push(END);
  if (bytes.length > 40) throw new WireError(`at most 40 bytes of TCP options, these are ${bytes.length}`, 20);
  return Uint8Array.from(bytes);
}

function emitOption(option: TcpOption): number[] {
  switch (option.kind) {
    case "no-operation":
      return [NO_OPERATION];
    case "maximum-segment-size":
      return [MAXIMUM_SEGMENT_SIZE, 4, option.value >>> 8, option.value & 0xff];
    case "window-scale":
      return [WINDOW_SCALE, 3, option.shift];
    case "sack-permitted":
      return [SACK_PERMITTED, 2];
    case "sack":
      return [SACK, 2 + option.blocks.length * 8, ...option.blocks.flatMap(({ left, right }) => [...uint32(left), ...uint32(right)])];
    case "timestamps":
      return [TIMESTAMPS, 10, ...uint32(option.value), ...uint32(option.echoReply)];
    case "other":
      return [option.type, option.data.length + 2, ...option.data];
  }
}

function uint32(value: number): number[] {
  return [value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff];
}
