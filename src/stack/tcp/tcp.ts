import type { IpAddress } from "../../model/index.ts";
import type { Host } from "../host.ts";
import { ChallengeLimit } from "./challenge.ts";
import { ConnectionTable } from "./connection-table.ts";
import { FIXED_HEADER } from "./segment.ts";
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

  /** Bytes of payload in a full segment from `local`: what the settings say, less where the interface's MTU is smaller (RFC 9293 3.7.1). */
  segmentSize(local: IpAddress): number {
    const mtu = this.host.interfaceOf(local)?.mtu ?? Number.POSITIVE_INFINITY;
    return Math.min(this.settings.maximumSegmentSize[local.family], mtu - (local.family === 4 ? 20 : 40) - FIXED_HEADER);
  }

  /** Initial sequence numbers from the clock (RFC 9293 3.4.1, without the secret: every run must be the same). */
  nextInitialSequence(): number {
    const ticks = Math.floor(this.host.clock.seconds * 250_000);
    return (this.settings.firstSequence + ticks + this.#opened++ * 64_000) >>> 0;
  }
}
