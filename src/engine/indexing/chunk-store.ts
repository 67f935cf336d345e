/** Bits of a chunk: 32 words of 32. */
export const CHUNK_BITS = 1024;
export const CHUNK_WORDS = 32;

/** The chunk without a bit, and the one with all. */
export const EMPTY_CHUNK = 0;
export const FULL_CHUNK = 1;

/**
 * Bit sets over filter positions, cut into chunks of which equal ones are stored once: the rows of a field differ in a few filters only,
 * so that most of their chunks are shared. Beside each chunk stands a summary with a bit for each of its words that is not zero.
 */
export class ChunkStore {
  words = new Int32Array(64 * CHUNK_WORDS);
  summaries = new Int32Array(64);
  #count = 0;
  readonly #byHash = new Map<number, number[]>();

  constructor() {
    this.intern(new Int32Array(CHUNK_WORDS), 0);
    this.intern(new Int32Array(CHUNK_WORDS).fill(-1), 0);
  }

  get count(): number {
    return this.#count;
  }

  /** Id of the chunk whose words stand in `source` at `offset`. */
  intern(source: Int32Array, offset: number): number {
    let hash = 0;
    for (let index = 0; index < CHUNK_WORDS; index++) hash = Math.imul(hash ^ (source[offset + index] ?? 0), 0x9e3779b1) ^ (hash >>> 15);
    const same = this.#byHash.get(hash);
    const known = same?.find((id) => this.#equals(id, source, offset));
    if (known !== undefined) return known;
    const id = this.#count++;
    if (same === undefined) this.#byHash.set(hash, [id]);
    else same.push(id);
    this.#grow();
    let summary = 0;
    for (let index = 0; index < CHUNK_WORDS; index++) {
      const word = source[offset + index] ?? 0;
      this.words[id * CHUNK_WORDS + index] = word;
      if (word !== 0) summary |= 1 << index;
    }
    this.summaries[id] = summary;
    return id;
  }

  #equals(id: number, source: Int32Array, offset: number): boolean {
    for (let index = 0; index < CHUNK_WORDS; index++) {
      if (this.words[id * CHUNK_WORDS + index] !== source[offset + index]) return false;
    }
    return true;
  }

  #grow(): void {
    if (this.#count <= this.summaries.length) return;
    const words = new Int32Array(this.words.length * 2);
    words.set(this.words);
    this.words = words;
    const summaries = new Int32Array(this.summaries.length * 2);
    summaries.set(this.summaries);
    this.summaries = summaries;
  }
}
