import { InputError } from "../model/errors.ts";
import { Inflate, InflateError } from "./inflate.ts";
import type { ByteReader } from "./io.ts";

const INPUT = 1 << 16;

/** The reader, or, where its bytes begin as gzip does (RFC 1952 2.3.1), one of what is packed in it. */
export function unpacked(source: ByteReader): ByteReader {
  const input = new Input(source);
  const isGzip = input.peek(0) === 0x1f && input.peek(1) === 0x8b;
  return isGzip ? new Gunzip(source, input) : new Plain(source, input);
}

/** Bytes of the source one at a time, counted. */
class Input {
  readonly #source: ByteReader;
  readonly #buffer = new Uint8Array(INPUT);
  #at = 0;
  #end = 0;
  #before = 0;

  constructor(source: ByteReader) {
    this.#source = source;
  }

  readonly next = (): number => {
    if (this.#at === this.#end && !this.#fill()) return -1;
    return this.#buffer[this.#at++] ?? -1;
  };

  /** The byte that many ahead, of the few at the beginning; -1 beyond the end. */
  peek(ahead: number): number {
    while (this.#at + ahead >= this.#end) {
      if (this.#at === this.#end) {
        this.#before += this.#end;
        this.#at = 0;
        this.#end = 0;
      }
      const count = this.#source.read(this.#buffer.subarray(this.#end));
      if (count === 0) return -1;
      this.#end += count;
    }
    return this.#buffer[this.#at + ahead] ?? -1;
  }

  get offset(): number {
    return this.#before + this.#at;
  }

  /** What has been read ahead. */
  rest(into: Uint8Array): number {
    const count = Math.min(into.length, this.#end - this.#at);
    into.set(this.#buffer.subarray(this.#at, this.#at + count));
    this.#at += count;
    return count;
  }

  #fill(): boolean {
    this.#before += this.#end;
    this.#at = 0;
    this.#end = this.#source.read(this.#buffer);
    return this.#end > 0;
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
  #crc = 0xffffffff;
  #length = 0;
  #isDone = false;

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
    try {
      while (!this.#isDone) {
        this.#member ??= this.#begin();
        const count = this.#member.read(into, 0);
        if (count > 0) {
          this.#crc = crc32(this.#crc, into, count);
          this.#length = (this.#length + count) >>> 0;
          return count;
        }
        this.#finish(this.#member);
      }
      return 0;
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
    this.#crc = 0xffffffff;
    this.#length = 0;
    return new Inflate(this.#input.next);
  }

  #finish(member: Inflate): void {
    const word = (): number => {
      const bytes = [0, 1, 2, 3].map(() => member.trailingByte());
      if (bytes.some((byte) => byte < 0)) throw new InflateError("the file ends before its checksum");
      return bytes.reduceRight((value, byte) => value * 256 + byte, 0);
    };
    const crc = word();
    const length = word();
    if (crc !== ~this.#crc >>> 0 || length !== this.#length) throw new InflateError("its checksum differs from that of what it holds");
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

const crcTable = Uint32Array.from({ length: 256 }, (_, index) => {
  let crc = index;
  for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  return crc >>> 0;
});

function crc32(initial: number, bytes: Uint8Array, count: number): number {
  let crc = initial;
  for (let index = 0; index < count; index++) crc = (crcTable[(crc ^ (bytes[index] ?? 0)) & 0xff] ?? 0) ^ (crc >>> 8);
  return crc >>> 0;
}
