/** Compressed bytes: those of `bytes` from `at` to `end`, and then more. */
export interface ByteSource {
  readonly bytes: Uint8Array;
  at: number;
  readonly end: number;
  /** Called where `at` has come to `end`; false at the end of the data. */
  refill(): boolean;
}

/** Compressed data that cannot be. */
export class InflateError extends Error {
  override readonly name = "InflateError";
}

/** How far back a repetition may reach. */
const WINDOW = 1 << 15;
/** What is unpacked before it is handed out. */
const OUTPUT = 1 << 16;
const MAX_BITS = 15;
const CUT = "the file ends before its data does";

const LENGTH_BASE = [3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258];
const LENGTH_EXTRA = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];
const DISTANCE_BASE = [
  1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385,
  24577,
];
const DISTANCE_EXTRA = [0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13];
const CODE_LENGTH_ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

const lengthBase = Uint16Array.from(LENGTH_BASE);
const lengthExtra = Uint8Array.from(LENGTH_EXTRA);
const distanceBase = Uint16Array.from(DISTANCE_BASE);
const distanceExtra = Uint8Array.from(DISTANCE_EXTRA);

/** A Huffman code as a table by the next bits, as many as the longest code has: `symbol << 4 | bits`, 0 where no code begins so. */
class Table {
  readonly #entries = new Uint16Array(1 << MAX_BITS);
  entries = this.#entries;

  /** @throws InflateError if more codes are defined than there are; unused ones are legal and found when they occur (RFC 1951 3.2.7). */
  set(lengths: Uint8Array): void {
    const count = new Uint16Array(MAX_BITS + 1);
    for (const length of lengths) count[length] = (count[length] ?? 0) + 1;
    count[0] = 0;
    const longest = Math.max(
      1,
      count.findLastIndex((codes) => codes > 0),
    );
    const next = new Uint16Array(MAX_BITS + 1);
    let code = 0;
    for (let bits = 1; bits <= longest; bits++) {
      code = (code + (count[bits - 1] ?? 0)) << 1;
      next[bits] = code;
      if (code + (count[bits] ?? 0) > 1 << bits) throw new InflateError("a Huffman table with more codes than there can be");
    }
    const entries = this.#entries.subarray(0, 1 << longest).fill(0);
    for (let symbol = 0; symbol < lengths.length; symbol++) {
      const length = lengths[symbol] ?? 0;
      if (length === 0) continue;
      const own = next[length] ?? 0;
      next[length] = own + 1;
      for (let at = reversed(own, length); at < entries.length; at += 1 << length) entries[at] = (symbol << 4) | length;
    }
    this.entries = entries;
  }
}

function reversed(code: number, bits: number): number {
  let result = 0;
  for (let bit = 0; bit < bits; bit++) result |= ((code >>> bit) & 1) << (bits - 1 - bit);
  return result;
}

const FIXED_LITERALS = new Uint8Array(288).fill(8, 0, 144).fill(9, 144, 256).fill(7, 256, 280).fill(8, 280);
const FIXED_DISTANCES = new Uint8Array(30).fill(5);

/**
 * DEFLATE (RFC 1951), unpacked as it is asked for. The reason to have it beside node:zlib: whatever comes before damage is handed out to the
 * last byte, the place of the damage is known, and it works synchronously - a zlib stream drops the output it has not yet passed on.
 */
export class Inflate {
  readonly #source: ByteSource;
  /** What was unpacked, the last 32 KiB of before included. */
  readonly #output = new Uint8Array(WINDOW + OUTPUT);
  #at = 0;
  /** Bits that have been read from the source and not been used, the next lowest. */
  #bits = 0;
  #bitCount = 0;
  #state: "header" | "stored" | "codes" | "end" = "header";
  #isLast = false;
  #stored = 0;
  readonly #literals = new Table();
  readonly #distances = new Table();
  #copyLength = 0;
  #copyDistance = 0;
  #failure: InflateError | undefined;

  constructor(source: ByteSource) {
    this.#source = source;
  }

  /** The next bytes, valid until the next call; none at the end of the data. @throws InflateError once all before it has been handed out. */
  next(): Uint8Array {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#at > WINDOW) {
      this.#output.copyWithin(0, this.#at - WINDOW, this.#at);
      this.#at = WINDOW;
    }
    const start = this.#at;
    try {
      while (this.#at < this.#output.length && this.#state !== "end") {
        if (this.#state === "header") this.#header();
        else if (this.#state === "stored") this.#copyStored();
        else this.#decode();
      }
    } catch (error) {
      if (!(error instanceof InflateError) || this.#at === start) throw error;
      this.#failure = error;
    }
    return this.#output.subarray(start, this.#at);
  }

  /** The next whole byte behind the data; bits left of the last one are dropped. -1 at the end of the source. */
  trailingByte(): number {
    this.#take(this.#bitCount & 7);
    return this.#bitCount >= 8 ? this.#take(8) : this.#byte();
  }

  #byte(): number {
    const source = this.#source;
    return source.at < source.end || source.refill() ? (source.bytes[source.at++] ?? -1) : -1;
  }

  #take(count: number): number {
    while (this.#bitCount < count) {
      const byte = this.#byte();
      if (byte < 0) throw new InflateError(CUT);
      this.#bits |= byte << this.#bitCount;
      this.#bitCount += 8;
    }
    const value = this.#bits & ((1 << count) - 1);
    this.#bits >>>= count;
    this.#bitCount -= count;
    return value;
  }

  #symbol({ entries }: Table): number {
    // Reading ahead does no harm: trailingByte gives back what is left, and the end of the source matters only if the code is not whole.
    while (this.#bitCount < MAX_BITS) {
      const byte = this.#byte();
      if (byte < 0) break;
      this.#bits |= byte << this.#bitCount;
      this.#bitCount += 8;
    }
    const entry = entries[this.#bits & (entries.length - 1)] ?? 0;
    const length = entry & 15;
    if (length > this.#bitCount || (length === 0 && this.#bitCount < MAX_BITS)) throw new InflateError(CUT);
    if (length === 0) throw new InflateError("a code that is not in its Huffman table");
    this.#bits >>>= length;
    this.#bitCount -= length;
    return entry >>> 4;
  }

  #header(): void {
    if (this.#isLast) {
      this.#state = "end";
      return;
    }
    this.#isLast = this.#take(1) === 1;
    const type = this.#take(2);
    if (type === 3) throw new InflateError("a block of a type that does not exist");
    if (type === 0) {
      this.#take(this.#bitCount & 7);
      this.#stored = this.#take(16);
      if ((this.#take(16) ^ 0xffff) !== this.#stored) throw new InflateError("a stored block whose two lengths differ");
      this.#state = "stored";
      return;
    }
    if (type === 1) {
      this.#literals.set(FIXED_LITERALS);
      this.#distances.set(FIXED_DISTANCES);
    } else this.#dynamicTables();
    this.#state = "codes";
  }

  #dynamicTables(): void {
    const literalCount = this.#take(5) + 257;
    const distanceCount = this.#take(5) + 1;
    const codeCount = this.#take(4) + 4;
    const codeLengths = new Uint8Array(19);
    for (const symbol of CODE_LENGTH_ORDER.slice(0, codeCount)) codeLengths[symbol] = this.#take(3);
    const codes = this.#distances;
    codes.set(codeLengths);
    const lengths = new Uint8Array(literalCount + distanceCount);
    let at = 0;
    while (at < lengths.length) {
      const symbol = this.#symbol(codes);
      if (symbol < 16) {
        lengths[at++] = symbol;
        continue;
      }
      const value = symbol === 16 ? lengths[at - 1] : 0;
      const times = symbol === 16 ? 3 + this.#take(2) : symbol === 17 ? 3 + this.#take(3) : 11 + this.#take(7);
      if (value === undefined || at + times > lengths.length) throw new InflateError("Huffman code lengths that repeat out of their table");
      lengths.fill(value, at, at + times);
      at += times;
    }
    this.#literals.set(lengths.subarray(0, literalCount));
    this.#distances.set(lengths.subarray(literalCount));
  }

  #copyStored(): void {
    while (this.#stored > 0 && this.#at < this.#output.length) {
      this.#output[this.#at] = this.#take(8);
      this.#at++;
      this.#stored--;
    }
    if (this.#stored === 0) this.#state = "header";
  }

  /** Until the block ends or the output is full. */
  #decode(): void {
    const output = this.#output;
    while (this.#at < output.length) {
      if (this.#copyLength > 0) {
        this.#copy();
        continue;
      }
      const symbol = this.#literalRun();
      if (symbol === 256) {
        this.#state = "header";
        return;
      }
      if (symbol > 256) this.#match(symbol - 257);
    }
  }

  /** Literals up to the first symbol that is none; the state is in local variables as long as the source's bytes at hand suffice. */
  #literalRun(): number {
    const source = this.#source;
    const output = this.#output;
    const { bytes, end } = source;
    const { entries } = this.#literals;
    const mask = entries.length - 1;
    let from = source.at;
    let to = this.#at;
    let bits = this.#bits;
    let bitCount = this.#bitCount;
    let symbol = 0;
    while (from + 2 <= end && to < output.length) {
      if (bitCount < MAX_BITS) {
        bits |= ((bytes[from] ?? 0) | ((bytes[from + 1] ?? 0) << 8)) << bitCount;
        from += 2;
        bitCount += 16;
      }
      const entry = entries[bits & mask] ?? 0;
      const length = entry & 15;
      if (length === 0) break;
      bits >>>= length;
      bitCount -= length;
      symbol = entry >>> 4;
      if (symbol >= 256) break;
      output[to++] = symbol;
    }
    source.at = from;
    this.#at = to;
    this.#bits = bits;
    this.#bitCount = bitCount;
    if (symbol >= 256 || to === output.length) return symbol;
    // The source's last byte at hand, or a code that does not exist.
    symbol = this.#symbol(this.#literals);
    if (symbol < 256) output[this.#at++] = symbol;
    return symbol;
  }

  #match(index: number): void {
    const base = lengthBase[index];
    if (base === undefined) throw new InflateError("a length code that does not exist");
    const length = base + this.#take(lengthExtra[index] ?? 0);
    const code = this.#symbol(this.#distances);
    const distance = (distanceBase[code] ?? Number.POSITIVE_INFINITY) + this.#take(distanceExtra[code] ?? 0);
    if (distance > Math.min(this.#at, WINDOW)) throw new InflateError("a repetition of data from before the beginning");
    this.#copyLength = length;
    this.#copyDistance = distance;
  }

  #copy(): void {
    const output = this.#output;
    const start = this.#at;
    const count = Math.min(this.#copyLength, output.length - start);
    const distance = this.#copyDistance;
    // A repetition may overlap with what it makes, so it goes byte by byte.
    for (let at = start; at < start + count; at++) output[at] = output[at - distance] ?? 0;
    this.#at = start + count;
    this.#copyLength -= count;
  }
}
