import type { TcpSettings } from "./settings.ts";

/** Retransmission timeout from measured round trips (RFC 6298). All times in seconds. */
export class RetransmissionTimeout {
  readonly #settings: TcpSettings;
  #smoothed: number | undefined;
  #variation = 0;
  #base: number;
  #backoff = 1;

  constructor(settings: TcpSettings) {
    this.#settings = settings;
    this.#base = settings.initialRto;
  }

  get current(): number {
    return Math.min(this.#base * this.#backoff, this.#settings.maximumRto);
  }

  /** A round trip of a segment that was sent once (Karn: others say nothing). */
  measured(roundTrip: number): void {
    if (this.#smoothed === undefined) {
      this.#smoothed = roundTrip;
      this.#variation = roundTrip / 2;
    } else {
      this.#variation = 0.75 * this.#variation + 0.25 * Math.abs(this.#smoothed - roundTrip);
      this.#smoothed = 0.875 * this.#smoothed + 0.125 * roundTrip;
    }
    this.#base = Math.max(this.#settings.minimumRto, this.#smoothed + 4 * this.#variation);
  }

  /** The timer expired: the next timeout is twice as long (RFC 6298 5.5). */
  backOff(): void {
    this.#backoff *= 2;
  }

  /** New data was acknowledged. */
  progress(): void {
    this.#backoff = 1;
  }
}
