/** Gives the next byte of the compressed data, or -1 at its end. */
export type ByteSource = () => number;

/** Compressed data that cannot be. */
export class InflateError extends Error {
  override readonly name = "InflateError";
}

const WINDOW = 1 << 15;
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

/** A Huffman code as one table by the next 15 bits: `symbol << 4 | bits`, 0 where no code begins so. */
type Table = Uint16Array;

/** @throws InflateError if more codes are defined than there are; unused codes are legal and found when they occur (RFC 1951 3.2.7). */
function tableOf(lengths: Uint8Array): Table {
  const table = new Uint16Array(1 << MAX_BITS);
  const count = new Uint16Array(MAX_BITS + 1);
  for (const length of lengths) count[length] = (count[length] ?? 0) + 1;
  count[0] = 0;
  const next = new Uint16Array(MAX_BITS + 2);
  let code = 0;
  for (let bits = 1; bits <= MAX_BITS; bits++) {
    code = (code + (count[bits - 1] ?? 0)) << 1;
    next[bits] = code;
    if (code + (count[bits] ?? 0) > 1 << bits) throw new InflateError("a Huffman table with more codes than there can be");
  }
  lengths.forEach((length, symbol) => {
    if (length === 0) return;
    const own = next[length] ?? 0;
    next[length] = own + 1;
    for (let at = reversed(own, length); at < table.length; at += 1 << length) table[at] = (symbol << 4) | length;
  });
  return table;
}

function reversed(code: number, bits: number): number {
  let result = 0;
  for (let bit = 0; bit < bits; bit++) result |= ((code >>> bit) & 1) << (bits - 1 - bit);
  return result;
}

function fixedTables(): readonly [Table, Table] {
  const literals = new Uint8Array(288).fill(8, 0, 144).fill(9, 144, 256).fill(7, 256, 280).fill(8, 280);
  return [tableOf(literals), tableOf(new Uint8Array(30).fill(5))];
}

let fixed: readonly [Table, Table] | undefined;

/**
 * DEFLATE (RFC 1951), unpacked as it is asked for. The reason to have it beside node:zlib: whatever comes before damage is handed out to the
 * last byte, the place of the damage is known, and it works synchronously - a zlib stream drops the output it has not yet passed on.
 */
export class Inflate {
  readonly #next: ByteSource;
  readonly #window = new Uint8Array(WINDOW);
  #at = 0;
  #produced = 0;
  #bits = 0;
  #bitCount = 0;
  #state: "header" | "stored" | "codes" | "end" = "header";
  #isLast = false;
  #stored = 0;
  #literals: Table = new Uint16Array(0);
  #distances: Table = new Uint16Array(0);
  #copyLength = 0;
  #copyDistance = 0;

  constructor(next: ByteSource) {
    this.#next = next;
  }

  /**
   * Unpacks into `into` from `from` on, until it is full or the data ends (then {@link isDone}); says where it stopped. Throws only if
   * nothing was unpacked by this call. @throws InflateError
   */
  read(into: Uint8Array, from: number): number {
    const progress = { at: from };
    try {
      this.#run(into, progress);
    } catch (error) {
      if (progress.at === from || !(error instanceof InflateError)) throw error;
      this.#failure = error;
    }
    return progress.at;
  }

  #failure: InflateError | undefined;

  #run(into: Uint8Array, progress: { at: number }): void {
    if (this.#failure !== undefined) throw this.#failure;
    while (progress.at < into.length && this.#state !== "end") {
      if (this.#state === "header") this.#header();
      else if (this.#state === "stored") this.#copyStored(into, progress);
      else this.#decode(into, progress);
    }
  }

  get isDone(): boolean {
    return this.#state === "end";
  }

  /** The next whole byte behind the data; bits left of the last one are dropped. -1 at the end of the source. */
  trailingByte(): number {
    this.#take(this.#bitCount & 7);
    return this.#bitCount >= 8 ? this.#take(8) : this.#next();
  }

  #need(count: number): void {
    while (this.#bitCount < count) {
      const byte = this.#next();
      if (byte < 0) throw new InflateError(CUT);
      this.#bits |= byte << this.#bitCount;
      this.#bitCount += 8;
    }
  }

  #take(count: number): number {
    this.#need(count);
    const value = this.#bits & ((1 << count) - 1);
    this.#bits >>>= count;
    this.#bitCount -= count;
    return value;
  }

  #symbol(table: Table): number {
    // Reading ahead does no harm: trailingByte gives back what is left, and the end of the source matters only if the code is not whole.
    while (this.#bitCount < MAX_BITS) {
      const byte = this.#next();
      if (byte < 0) break;
      this.#bits |= byte << this.#bitCount;
      this.#bitCount += 8;
    }
    const entry = table[this.#bits & 0x7fff] ?? 0;
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
      fixed ??= fixedTables();
      [this.#literals, this.#distances] = fixed;
    } else this.#dynamicTables();
    this.#state = "codes";
  }

  #dynamicTables(): void {
    const literalCount = this.#take(5) + 257;
    const distanceCount = this.#take(5) + 1;
    const codeCount = this.#take(4) + 4;
    const codeLengths = new Uint8Array(19);
    for (const symbol of CODE_LENGTH_ORDER.slice(0, codeCount)) codeLengths[symbol] = this.#take(3);
    const codes = tableOf(codeLengths);
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
    this.#literals = tableOf(lengths.subarray(0, literalCount));
    this.#distances = tableOf(lengths.subarray(literalCount));
  }

  #put(into: Uint8Array, at: number, byte: number): void {
    into[at] = byte;
    this.#window[this.#at] = byte;
    this.#at = (this.#at + 1) & (WINDOW - 1);
  }

  #copyStored(into: Uint8Array, progress: { at: number }): void {
    while (this.#stored > 0 && progress.at < into.length) {
      this.#put(into, progress.at, this.#take(8));
      progress.at++;
      this.#produced++;
      this.#stored--;
    }
    if (this.#stored === 0) this.#state = "header";
  }

  #decode(into: Uint8Array, progress: { at: number }): void {
    let at = progress.at;
    const start = at;
    try {
      while (at < into.length) {
        if (this.#copyLength > 0) {
          at = this.#copy(into, at);
          continue;
        }
        const symbol = this.#symbol(this.#literals);
        if (symbol < 256) {
          this.#put(into, at++, symbol);
          continue;
        }
        if (symbol === 256) {
          this.#state = "header";
          return;
        }
        this.#match(symbol - 257, this.#produced + at - start);
      }
    } finally {
      this.#produced += at - start;
      progress.at = at;
    }
  }

  #match(index: number, produced: number): void {
    const base = lengthBase[index];
    if (base === undefined) throw new InflateError("a length code that does not exist");
    const length = base + this.#take(lengthExtra[index] ?? 0);
    const code = this.#symbol(this.#distances);
    const distance = (distanceBase[code] ?? Number.POSITIVE_INFINITY) + this.#take(distanceExtra[code] ?? 0);
    if (distance > Math.min(produced, WINDOW)) throw new InflateError("a repetition of data from before the beginning");
    this.#copyLength = length;
    this.#copyDistance = distance;
  }

  #copy(into: Uint8Array, start: number): number {
    const count = Math.min(this.#copyLength, into.length - start);
    const window = this.#window;
    let to = this.#at;
    let from = (to - this.#copyDistance) & (WINDOW - 1);
    for (let at = start; at < start + count; at++) {
      const byte = window[from] ?? 0;
      into[at] = byte;
      window[to] = byte;
      to = (to + 1) & (WINDOW - 1);
      from = (from + 1) & (WINDOW - 1);
    }
    this.#at = to;
    this.#copyLength -= count;
    return start + count;
  }
}
