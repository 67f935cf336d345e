import type { CongestionControl } from "./congestion-control.ts";

/** Slow start and congestion avoidance with appropriate byte counting (RFC 5681 3.1, RFC 3465). */
export class NewReno implements CongestionControl {
  readonly #segment: number;
  #window: number;
  #threshold = Number.POSITIVE_INFINITY;
  #acknowledged = 0;

  constructor(segmentSize: number, initial: number) {
    this.#segment = segmentSize;
    this.#window = initial;
  }

  get window(): number {
    return this.#window;
  }

  acknowledged(bytes: number, _roundTrip: number | null, _now: number, limited: boolean): void {
    if (!limited) return;
    if (this.#window < this.#threshold) {
      this.#window += Math.min(bytes, 2 * this.#segment);
      return;
    }
    this.#acknowledged += bytes;
    if (this.#acknowledged < this.#window) return;
    this.#acknowledged -= this.#window;
    this.#window += this.#segment;
  }

  lost(flight: number): void {
    this.#threshold = Math.max(flight / 2, 2 * this.#segment);
    this.#window = this.#threshold;
    this.#acknowledged = 0;
  }

  timedOut(flight: number): void {
    this.#threshold = Math.max(flight / 2, 2 * this.#segment);
    this.#window = this.#segment;
    this.#acknowledged = 0;
  }
}
