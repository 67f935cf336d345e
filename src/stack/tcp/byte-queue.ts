/** Bytes in order, appended at the end and dropped from the front, as a send buffer needs. */
export class ByteQueue {
  readonly #chunks: Uint8Array[] = [];
  #length = 0;

  get length(): number {
    return this.#length;
  }

  append(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#chunks.push(bytes.slice());
    this.#length += bytes.length;
  }

  /** A copy of up to `count` bytes from `offset` on. */
  peek(offset: number, count: number): Uint8Array {
    const size = Math.max(0, Math.min(count, this.#length - offset));
    const result = new Uint8Array(size);
    let skip = offset;
    let filled = 0;
    for (const chunk of this.#chunks) {
      if (filled === size) break;
      if (skip >= chunk.length) {
        skip -= chunk.length;
        continue;
      }
      const part = chunk.subarray(skip, skip + size - filled);
      result.set(part, filled);
      filled += part.length;
      skip = 0;
    }
    return result;
  }

  drop(count: number): void {
    let left = Math.min(count, this.#length);
    this.#length -= left;
    while (left > 0) {
      const first = this.#chunks[0];
      if (first === undefined) return;
      if (first.length > left) {
        this.#chunks[0] = first.subarray(left);
        return;
      }
      left -= first.length;
      this.#chunks.shift();
    }
  }

  /** Takes everything out. */
  takeAll(): Uint8Array {
    const all = this.peek(0, this.#length);
    this.drop(this.#length);
    return all;
  }
}
