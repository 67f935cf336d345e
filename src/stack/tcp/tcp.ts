import type { Host } from "../host.ts";
import { ChallengeLimit } from "./challenge.ts";
import { ConnectionTable } from "./connection-table.ts";
import type { TcpSettings } from "./settings.ts";

/** TCP of one host: its connections, listeners and settings. */
export class Tcp {
  readonly host: Host;
  readonly settings: TcpSettings;
  readonly table = new ConnectionTable();
  readonly challenges = new ChallengeLimit();
  #opened = 0;

  constructor(host: Host, settings: TcpSettings) {
    this.host = host;
    this.settings = settings;
  }

  /** Initial sequence numbers from the clock (RFC 9293 3.4.1, without the secret: every run must be the same). */
  nextInitialSequence(): number {
    const ticks = Math.floor(this.host.clock.seconds * 250_000);
    return (this.settings.firstSequence + ticks + this.#opened++ * 64_000) >>> 0;
  }
}
