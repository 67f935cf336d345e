import { BLOCK_FRAME } from "./pcapng-blocks.ts";
import { OPTION, padded } from "./pcapng-options.ts";

const SIZE = 1 << 18;
/** An option's length is a UINT16. */
const MOST_OPTION = 0xffff;

/** Collects blocks of a pcapng file and hands them on in large pieces that are reused. */
export class BlockOutput {
  littleEndian = true;
  readonly #emit: (bytes: Uint8Array) => void;
  #bytes = new Uint8Array(SIZE);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;
  #start = 0;

  constructor(emit: (bytes: Uint8Array) => void) {
    this.#emit = emit;
  }

  begin(type: number): void {
    this.#start = this.#length;
    this.uint32(type);
    this.uint32(0);
  }

  /** Fills in both lengths. */
  end(): void {
    const length = this.#length - this.#start + 4;
    this.uint32(length);
    this.#view.setUint32(this.#start + 4, length, this.littleEndian);
    if (this.#length >= SIZE / 2) this.flush();
  }

  flush(): void {
    if (this.#length > 0) this.#emit(this.#bytes.subarray(0, this.#length));
    this.#length = 0;
  }

  uint16(value: number): void {
    this.#reserve(2);
    this.#view.setUint16(this.#length, value, this.littleEndian);
    this.#length += 2;
  }

  uint32(value: number): void {
    this.#reserve(4);
    this.#view.setUint32(this.#length, value, this.littleEndian);
    this.#length += 4;
  }

  bytes(value: Uint8Array): void {
    this.#reserve(value.length);
    this.#bytes.set(value, this.#length);
    this.#length += value.length;
  }

  /** Bytes, and zeros up to a multiple of four. */
  paddedBytes(value: Uint8Array): void {
    this.bytes(value);
    this.zeros(padded(value.length) - value.length);
  }

  zeros(count: number): void {
    this.#reserve(count);
    this.#bytes.fill(0, this.#length, this.#length + count);
    this.#length += count;
  }

  option(code: number, value: Uint8Array): void {
    this.uint16(code);
    this.uint16(value.length);
    this.paddedBytes(value);
  }

  textOption(code: number, text: string | undefined): void {
    if (text !== undefined) this.option(code, utf8(text));
  }

  endOfOptions(): void {
    this.uint16(OPTION.end);
    this.uint16(0);
  }

  /** A whole block as it is. */
  rawBlock(block: Uint8Array): void {
    if (block.length < BLOCK_FRAME) return;
    this.bytes(block);
    if (this.#length >= SIZE / 2) this.flush();
  }

  #reserve(count: number): void {
    if (this.#length + count <= this.#bytes.length) return;
    const larger = new Uint8Array(2 ** Math.ceil(Math.log2(this.#length + count)));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
    this.#view = new DataView(larger.buffer);
  }
}

const encoder = new TextEncoder();

/** As many whole characters as an option holds. */
function utf8(text: string): Uint8Array {
  const bytes = encoder.encode(text);
  if (bytes.length <= MOST_OPTION) return bytes;
  let end = MOST_OPTION;
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
  return bytes.subarray(0, end);
}
