import type { FwpValue } from "../../model/index.ts";
import { sameBytes } from "../match/bytes.ts";

/** Numbers by value: what a Map can look up directly, and byte strings, which it cannot. */
export class ValueNumbers {
  readonly #plain = new Map<unknown, number>();
  readonly #bytes = new BytesNumbers();

  /** -1 where the value has none. */
  get(value: FwpValue): number {
    if (!("value" in value)) return -1;
    return value.value instanceof Uint8Array ? this.#bytes.get(value.value) : (this.#plain.get(value.value) ?? -1);
  }

  set(value: FwpValue, number: number): void {
    if (!("value" in value)) return;
    if (value.value instanceof Uint8Array) this.#bytes.set(value.value, number);
    else this.#plain.set(value.value, number);
  }
}

/** Numbers for byte strings. Programs come in runs, so the last answer is kept by identity. */
class BytesNumbers {
  readonly #byHash = new Map<number, { readonly bytes: Uint8Array; readonly number: number }[]>();
  #last: Uint8Array | undefined;
  #lastNumber = -1;

  get(bytes: Uint8Array): number {
    if (bytes === this.#last) return this.#lastNumber;
    this.#last = bytes;
    this.#lastNumber = this.#find(bytes);
    return this.#lastNumber;
  }

  #find(bytes: Uint8Array): number {
    const entries = this.#byHash.get(hashBytes(bytes));
    if (entries !== undefined) for (const entry of entries) if (sameBytes(entry.bytes, bytes)) return entry.number;
    return -1;
  }

  set(bytes: Uint8Array, number: number): void {
    const hash = hashBytes(bytes);
    const entries = this.#byHash.get(hash);
    if (entries === undefined) this.#byHash.set(hash, [{ bytes, number }]);
    else entries.push({ bytes, number });
    this.#last = undefined;
  }
}

function hashBytes(bytes: Uint8Array): number {
  let hash = bytes.length;
  for (let index = 0; index < bytes.length; index++) hash = Math.imul(hash ^ (bytes[index] ?? 0), 0x01000193);
  return hash;
}
