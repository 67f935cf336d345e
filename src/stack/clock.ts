import { InternalError } from "../model/index.ts";

/** Microseconds in a second: the clock counts whole microseconds so that no rounding makes two runs differ. */
const MICROSECONDS = 1_000_000;

/** Something that will happen; `cancel` keeps it from happening. */
export interface Timer {
  cancel(): void;
}

interface Entry extends Timer {
  /** Microseconds. */
  readonly at: number;
  /** Order of scheduling: what is due at the same time happens in the order it was asked for. */
  readonly order: number;
  action: (() => void) | null;
}

/** Virtual time: it moves only to the moment of the next scheduled action. */
export class Clock {
  #now = 0;
  #order = 0;
  /** Binary heap, earliest first. */
  readonly #heap: Entry[] = [];

  /** Seconds since the start. */
  get seconds(): number {
    return this.#now / MICROSECONDS;
  }

  /** Seconds at which the next action is due; undefined when nothing is scheduled. */
  get next(): number | undefined {
    this.#dropCancelled();
    const first = this.#heap[0];
    return first === undefined ? undefined : first.at / MICROSECONDS;
  }

  /** Schedules `action` in `delay` seconds. */
  after(delay: number, action: () => void): Timer {
    if (!(delay >= 0)) throw new InternalError(`a delay of ${delay} seconds`);
    const entry: Entry = {
      at: this.#now + Math.round(delay * MICROSECONDS),
      order: this.#order++,
      action,
      cancel() {
        entry.action = null;
      },
    };
    this.#push(entry);
    return entry;
  }

  /** Moves to the next scheduled action and does it; false when there is none. */
  step(): boolean {
    this.#dropCancelled();
    const entry = this.#pop();
    if (entry === undefined) return false;
    this.#now = entry.at;
    const { action } = entry;
    entry.action = null;
    action?.();
    return true;
  }

  /** Moves on to `seconds` after the start without doing anything; never back, never past a scheduled action. */
  skipTo(seconds: number): void {
    const target = Math.round(seconds * MICROSECONDS);
    this.#dropCancelled();
    const first = this.#heap[0];
    if (first !== undefined && first.at < target) throw new InternalError(`skipping to ${seconds} s passes an action that is due`);
    if (target > this.#now) this.#now = target;
  }

  #dropCancelled(): void {
    while (this.#heap[0]?.action === null) this.#pop();
  }

  #push(entry: Entry): void {
    const heap = this.#heap;
    let index = heap.length;
    heap.push(entry);
    while (index > 0) {
      const parentIndex = (index - 1) >> 1;
      const parent = heap[parentIndex];
      if (parent === undefined || !isEarlier(entry, parent)) break;
      heap[index] = parent;
      index = parentIndex;
    }
    heap[index] = entry;
  }

  #pop(): Entry | undefined {
    const heap = this.#heap;
    const top = heap[0];
    const last = heap.pop();
    if (top === undefined || last === undefined || top === last) return top;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      let candidate = heap[child];
      if (candidate === undefined) break;
      const right = heap[child + 1];
      if (right !== undefined && isEarlier(right, candidate)) {
        child++;
        candidate = right;
      }
      if (!isEarlier(candidate, last)) break;
      heap[index] = candidate;
      index = child;
    }
    heap[index] = last;
    return top;
  }
}

function isEarlier(a: Entry, b: Entry): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
