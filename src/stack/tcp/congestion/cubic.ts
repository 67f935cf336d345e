import type { CongestionControl } from "./congestion-control.ts";

/** Multiplicative decrease and the curve's steepness, in segments per cubic second (RFC 9438 4.1, 4.6). */
const BETA = 0.7;
const STEEPNESS = 0.4;

/** CUBIC (RFC 9438), the default of Windows 10 since version 1709 (netsh interface tcp show supplemental). */
export class Cubic implements CongestionControl {
  readonly #segment: number;
  #window: number;
  #threshold = Number.POSITIVE_INFINITY;
  /** Window before the last reduction, in segments. */
  #maximum = 0;
  /** Seconds at which the present curve began; null in slow start. */
  #epoch: number | null = null;
  /** Seconds from the curve's start to where it is flat. */
  #plateau = 0;
  /** What Reno would have, in segments: the lower bound (RFC 9438 4.3). */
  #reno = 0;

  constructor(segmentSize: number, initial: number) {
    this.#segment = segmentSize;
    this.#window = initial;
  }

  get window(): number {
    return this.#window;
  }

  acknowledged(bytes: number, roundTrip: number | null, now: number, limited: boolean): void {
    if (!limited) return;
    if (this.#window < this.#threshold) {
      this.#window += Math.min(bytes, 2 * this.#segment);
      return;
    }
    const current = this.#window / this.#segment;
    const elapsed = now - (this.#epoch ?? this.#beginCurve(now, current)) + (roundTrip ?? 0);
    const target = STEEPNESS * (elapsed - this.#plateau) ** 3 + this.#maximum;
    const acknowledged = bytes / this.#segment;
    this.#reno += ((3 * (1 - BETA)) / (1 + BETA)) * (acknowledged / current);
    const bounded = Math.min(Math.max(target, current), 1.5 * current);
    const next = Math.max(this.#reno, current + ((bounded - current) / current) * acknowledged);
    this.#window = next * this.#segment;
  }

  lost(_flight: number, _now: number): void {
    this.#reduce();
    this.#window = this.#threshold;
  }

  timedOut(_flight: number, _now: number): void {
    this.#reduce();
    this.#window = this.#segment;
  }

  /** Seconds at which it begins: now. */
  #beginCurve(now: number, current: number): number {
    this.#epoch = now;
    this.#maximum = Math.max(this.#maximum, current);
    this.#plateau = Math.cbrt((this.#maximum - current) / STEEPNESS);
    this.#reno = current;
    return now;
  }

  #reduce(): void {
    const current = this.#window / this.#segment;
    // Fast convergence: a flow that has less than before leaves room for others (RFC 9438 4.7).
    this.#maximum = current < this.#maximum ? (current * (1 + BETA)) / 2 : current;
    this.#threshold = Math.max(this.#window * BETA, 2 * this.#segment);
    this.#epoch = null;
  }
}
