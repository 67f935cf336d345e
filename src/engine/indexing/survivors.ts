import type { Candidates } from "../candidates.ts";
import { CHUNK_WORDS, EMPTY_CHUNK, FULL_CHUNK } from "./chunk-store.ts";
import type { Row } from "./field-index.ts";

const NO_WORDS: Int32Array = new Int32Array(0);

/**
 * The filters that no field's value rules out: the intersection of the fields' rows, found word by word as the walk asks for the next
 * one, so that what lies behind the filter that ends a sublayer is never looked at.
 */
export class Survivors implements Candidates {
  readonly #rows: Row[] = [];
  #rowCount = 0;
  #words = NO_WORDS;
  #summaries = NO_WORDS;
  #size = 0;
  /** Chunk whose rows are laid out in `#offsets`; its words that may be non-zero. */
  #chunk = -1;
  #summary = 0;
  readonly #offsets: number[] = [];
  #offsetCount = 0;
  #word = -1;
  #bits = 0;

  begin(size: number): void {
    this.#size = size;
    this.#rowCount = 0;
    this.#chunk = -1;
    this.#word = -1;
  }

  add(row: Row): void {
    this.#rows[this.#rowCount++] = row;
  }

  /** The store's arrays, once all rows are added: they move when a store grows. */
  seal(words: Int32Array, summaries: Int32Array): void {
    this.#words = words;
    this.#summaries = summaries;
  }

  next(from: number): number {
    if (from >= this.#size) return this.#size;
    let word = from >>> 5;
    if (word !== this.#word) this.#load(word);
    let bits = this.#bits & (-1 << (from & 31));
    while (bits === 0) {
      word = this.#nextWord(word + 1);
      if (word < 0) return this.#size;
      this.#load(word);
      bits = this.#bits;
    }
    return Math.min(this.#size, word * 32 + 31 - Math.clz32(bits & -bits));
  }

  /** The next word from `word` on that may have a bit; -1 if there is none. */
  #nextWord(word: number): number {
    let next = word;
    while (next * 32 < this.#size) {
      const chunk = next >>> 5;
      if (chunk !== this.#chunk) this.#loadChunk(chunk);
      const left = this.#summary & (-1 << (next & 31));
      if (left !== 0) return chunk * CHUNK_WORDS + 31 - Math.clz32(left & -left);
      next = (chunk + 1) * CHUNK_WORDS;
    }
    return -1;
  }

  #load(word: number): void {
    const chunk = word >>> 5;
    if (chunk !== this.#chunk) this.#loadChunk(chunk);
    this.#word = word;
    const inner = word & 31;
    if ((this.#summary & (1 << inner)) === 0) {
      this.#bits = 0;
      return;
    }
    const words = this.#words;
    const offsets = this.#offsets;
    let bits = -1;
    for (let index = 0; index < this.#offsetCount && bits !== 0; index++) bits &= words[(offsets[index] as number) + inner] as number;
    this.#bits = bits;
  }

  #loadChunk(chunk: number): void {
    this.#chunk = chunk;
    this.#offsetCount = 0;
    let summary = -1;
    for (let index = 0; index < this.#rowCount && summary !== 0; index++) {
      const id = (this.#rows[index] as Row)[chunk] as number;
      if (id === FULL_CHUNK) continue;
      summary = id === EMPTY_CHUNK ? 0 : summary & (this.#summaries[id] as number);
      this.#offsets[this.#offsetCount++] = id * CHUNK_WORDS;
    }
    this.#summary = summary;
  }
}
