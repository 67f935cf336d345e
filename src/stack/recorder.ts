import type { SessionRecord } from "../model/index.ts";
import type { Clock } from "./clock.ts";

type Unstamped<T> = T extends SessionRecord ? Omit<T, "seq" | "time"> : never;

/** A record before it has its number and time. */
export type Event = Unstamped<SessionRecord>;

/** Keeps what happened on all hosts, in order. */
export class Recorder {
  readonly records: SessionRecord[] = [];
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(event: Event): void {
    this.records.push({ ...event, seq: this.records.length + 1, time: this.#clock.seconds });
  }
}
