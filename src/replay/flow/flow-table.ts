import { FLOW_KEY_WORDS, type FlowKey } from "../../wire/index.ts";
import type { FlowState } from "./flow-state.ts";

const EMPTY = 0;
const FIRST_SLOTS = 1 << 12;

/**
 * The flows that are being watched: open addressing over typed arrays, so that a packet of a known flow costs a probe and no allocation.
 * Slots hold the index of a flow plus one.
 */
export class FlowTable {
  #slots = new Int32Array(FIRST_SLOTS);
  #keys = new Uint32Array(FIRST_SLOTS * FLOW_KEY_WORDS);
  #hashes = new Uint32Array(FIRST_SLOTS);
  readonly #flows: (FlowState | undefined)[] = [];
  readonly #free: number[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  find(key: FlowKey): FlowState | undefined {
    const mask = this.#slots.length - 1;
    let slot = key.hash & mask;
    for (;;) {
      const entry = this.#slots[slot] ?? EMPTY;
      if (entry === EMPTY) return undefined;
      const index = entry - 1;
      if (this.#hashes[index] === key.hash && key.equals(this.#keys, index * FLOW_KEY_WORDS)) return this.#flows[index];
      slot = (slot + 1) & mask;
    }
  }

  add(key: FlowKey, flow: FlowState): void {
    if (this.#size * 2 >= this.#slots.length) this.#grow();
    const index = this.#free.pop() ?? this.#flows.length;
    this.#flows[index] = flow;
    this.#hashes[index] = key.hash;
    key.copyTo(this.#keys, index * FLOW_KEY_WORDS);
    this.#place(index, key.hash);
    this.#size++;
  }

  /** Takes the flow with that key out, if there is one. */
  remove(key: FlowKey): void {
    const mask = this.#slots.length - 1;
    let slot = key.hash & mask;
    for (;;) {
      const entry = this.#slots[slot] ?? EMPTY;
      if (entry === EMPTY) return;
      const index = entry - 1;
      if (this.#hashes[index] === key.hash && key.equals(this.#keys, index * FLOW_KEY_WORDS)) {
        this.#flows[index] = undefined;
        this.#free.push(index);
        this.#size--;
        this.#close(slot);
        return;
      }
      slot = (slot + 1) & mask;
    }
  }

  /** Takes out what `isOver` says, and hands it to `each`. */
  sweep(isOver: (flow: FlowState) => boolean, each: (flow: FlowState) => void): void {
    let removed = 0;
    for (let index = 0; index < this.#flows.length; index++) {
      const flow = this.#flows[index];
      if (flow === undefined || !isOver(flow)) continue;
      this.#flows[index] = undefined;
      this.#free.push(index);
      removed++;
      each(flow);
    }
    if (removed === 0) return;
    this.#size -= removed;
    this.#rehash();
  }

  /** Empties a slot and moves what was put behind it only because it was taken (Knuth, TAOCP 3, 6.4, algorithm R). */
  #close(slot: number): void {
    const mask = this.#slots.length - 1;
    let hole = slot;
    for (let next = (slot + 1) & mask; ; next = (next + 1) & mask) {
      const entry = this.#slots[next] ?? EMPTY;
      if (entry === EMPTY) break;
      const home = (this.#hashes[entry - 1] ?? 0) & mask;
      if (((next - home) & mask) < ((next - hole) & mask)) continue;
      this.#slots[hole] = entry;
      hole = next;
    }
    this.#slots[hole] = EMPTY;
  }

  #place(index: number, hash: number): void {
    const mask = this.#slots.length - 1;
    let slot = hash & mask;
    while ((this.#slots[slot] ?? EMPTY) !== EMPTY) slot = (slot + 1) & mask;
    this.#slots[slot] = index + 1;
  }

  #grow(): void {
    const size = this.#slots.length * 2;
    const keys = new Uint32Array(size * FLOW_KEY_WORDS);
    keys.set(this.#keys);
    const hashes = new Uint32Array(size);
    hashes.set(this.#hashes);
    this.#keys = keys;
    this.#hashes = hashes;
    this.#slots = new Int32Array(size);
    this.#rehash();
  }

  #rehash(): void {
    this.#slots.fill(EMPTY);
    for (let index = 0; index < this.#flows.length; index++) {
      if (this.#flows[index] !== undefined) this.#place(index, this.#hashes[index] ?? 0);
    }
  }
}
