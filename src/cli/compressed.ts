import { crc32 } from "node:zlib";
import { InputError } from "../model/errors.ts";
import { type ByteSource, Inflate, InflateError } from "./inflate.ts";
import type { ByteReader } from "./io.ts";

const INPUT = 1 << 16;

/** The reader, or, where its bytes begin as gzip does (RFC 1952 2.3.1), one of what is packed in it. */
export function unpacked(source: ByteReader): ByteReader {
  const input = new Input(source);
  const isGzip = input.peek(0) === 0x1f && input.peek(1) === 0x8b;
  return isGzip ? new Gunzip(source, input) : new Plain(source, input);
}

/** Bytes of a reader for {@link Inflate}. */
class Input implements ByteSource {
  readonly #source: ByteReader;
  readonly bytes = new Uint8Array(INPUT);
  at = 0;
  end = 0;
  /** Bytes of the file before those at hand. */
  #before = 0;

  constructor(source: ByteReader) {
    this.#source = source;
  }

  refill(): boolean {
    this.#before += this.end;
    this.at = 0;
    this.end = 0;
    this.end = this.#source.read(this.bytes);
    return this.end > 0;
  }

  next(): number {
    return this.at < this.end || this.refill() ? (this.bytes[this.at++] ?? -1) : -1;
  }

  /** The byte that many ahead without taking it, where there is room for them; -1 beyond the end. */
  peek(ahead: number): number {
    if (this.at === this.end && !this.refill()) return -1;
    while (this.at + ahead >= this.end) {
      const count = this.#source.read(this.bytes.subarray(this.end));
      if (count === 0) return -1;
      this.end += count;
    }
    return this.bytes[this.at + ahead] ?? -1;
  }

  get offset(): number {
    return this.#before + this.at;
  }

  /** What has been read ahead. */
  rest(into: Uint8Array): number {
    const count = Math.min(into.length, this.end - this.at);
    into.set(this.bytes.subarray(this.at, this.at + count));
    this.at += count;
    return count;
  }
}

class Plain implements ByteReader {
  readonly #source: ByteReader;
  readonly #input: Input;
  #ahead = true;

  constructor(source: ByteReader, input: Input) {
    this.#source = source;
    this.#input = input;
  }

  get name(): string {
    return this.#source.name;
  }

  get size(): number | undefined {
    return this.#source.size;
  }

  get position(): number {
    return this.#ahead ? this.#input.offset : this.#source.position;
  }

  read(into: Uint8Array): number {
    const count = this.#ahead ? this.#input.rest(into) : 0;
    if (count > 0) return count;
    this.#ahead = false;
    return this.#source.read(into);
  }

  close(): void {
    this.#source.close();
  }
}

class Gunzip implements ByteReader {
  readonly #source: ByteReader;
  readonly #input: Input;
  #member: Inflate | undefined;
  #crc = 0;
  #length = 0;
  #isDone = false;
  /** Unpacked and not yet handed out. */
  #piece: Uint8Array = new Uint8Array(0);

  constructor(source: ByteReader, input: Input) {
    this.#source = source;
    this.#input = input;
  }

  get name(): string {
    return this.#source.name;
  }

  get size(): number | undefined {
    return this.#source.size;
  }

  get position(): number {
    return this.#input.offset;
  }

  read(into: Uint8Array): number {
    if (this.#piece.length === 0) this.#piece = this.#next();
    const count = Math.min(into.length, this.#piece.length);
    into.set(this.#piece.subarray(0, count));
    this.#piece = this.#piece.subarray(count);
    return count;
  }

  #next(): Uint8Array {
    try {
      while (!this.#isDone) {
        this.#member ??= this.#begin();
        const piece = this.#member.next();
        this.#crc = crc32(piece, this.#crc);
        this.#length = (this.#length + piece.length) >>> 0;
        if (piece.length > 0) return piece;
        this.#finish(this.#member);
      }
      return new Uint8Array(0);
    } catch (error) {
      if (!(error instanceof InflateError)) throw error;
      throw new InputError(`the gzip data is damaged: ${error.message}`, { file: this.name, offset: this.#input.offset });
    }
  }

  close(): void {
    this.#source.close();
  }

  #byte(): number {
    const byte = this.#input.next();
    if (byte < 0) throw new InflateError("the file ends in its header");
    return byte;
  }

  /** RFC 1952 2.3. */
  #begin(): Inflate {
    const [magic1, magic2, method, flags] = [this.#byte(), this.#byte(), this.#byte(), this.#byte()];
    if (magic1 !== 0x1f || magic2 !== 0x8b) throw new InflateError("something else follows");
    if (method !== 8) throw new InflateError(`compression method ${method} is not known`);
    for (let skipped = 0; skipped < 6; skipped++) this.#byte();
    if ((flags & 4) !== 0) for (let left = this.#byte() | (this.#byte() << 8); left > 0; left--) this.#byte();
    if ((flags & 8) !== 0) while (this.#byte() !== 0);
    if ((flags & 16) !== 0) while (this.#byte() !== 0);
    if ((flags & 2) !== 0) for (let skipped = 0; skipped < 2; skipped++) this.#byte();
    this.#crc = 0;
    this.#length = 0;
    return new Inflate(this.#input);
  }

  #finish(member: Inflate): void {
    const word = (): number => {
      const bytes = [0, 1, 2, 3].map(() => member.trailingByte());
      if (bytes.some((byte) => byte < 0)) throw new InflateError("the file ends before its checksum");
      return bytes.reduceRight((value, byte) => value * 256 + byte, 0);
    };
    const crc = word();
    const length = word();
    if (crc !== this.#crc || length !== this.#length) throw new InflateError("its checksum differs from that of what it holds");
    this.#member = undefined;
    // Several members in a row are one file (2.2); zeros behind them are a tape's or a disk's padding, as gzip(1) takes them.
    let byte = this.#input.peek(0);
    while (byte === 0) {
      this.#input.next();
      byte = this.#input.peek(0);
    }
    this.#isDone = byte < 0;
  }
}
