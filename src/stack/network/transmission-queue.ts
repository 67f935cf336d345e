import type { Clock } from "../clock.ts";

/** A line that carries so many bits a second: what is sent waits until what was sent before has left. */
export class TransmissionQueue {
  readonly #clock: Clock;
  readonly #rate: number;
  readonly #limit: number;
  /** Seconds at which the line is free again. */
  #free = 0;

  /** `rate` in bits per second, `limit` in bytes that may wait. */
  constructor(clock: Clock, rate: number, limit: number) {
    this.#clock = clock;
    this.#rate = rate;
    this.#limit = limit;
  }

  /** Seconds until the last of `bytes` has left; null if the queue is full. */
  waitFor(bytes: number): number | null {
    const now = this.#clock.seconds;
    const start = Math.max(now, this.#free);
    const waiting = ((start - now) * this.#rate) / 8;
    if (waiting + bytes > this.#limit) return null;
    this.#free = start + (bytes * 8) / this.#rate;
    return this.#free - now;
  }
}
