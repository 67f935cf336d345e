import { formatAddress, type SessionRecord } from "../model/index.ts";
import { Clock } from "./clock.ts";
import { Host, type HostOptions } from "./host.ts";
import { networkEventOf } from "./ip/packet-event.ts";
import { Network, type NetworkOptions } from "./network/network.ts";
import { Recorder } from "./recorder.ts";

/** Actions a run without limit may take before it is taken for one that never ends. */
const ENDLESS = 10_000_000;

/** Hosts, the network between them and virtual time. Nothing in it depends on anything but its input: two runs give equal records. */
export class Simulation {
  readonly clock = new Clock();
  readonly network: Network;
  readonly #recorder: Recorder;
  readonly #hosts: Host[] = [];

  constructor(options: Omit<NetworkOptions, "onLost"> = {}) {
    this.#recorder = new Recorder(this.clock);
    this.network = new Network(this.clock, {
      ...options,
      onLost: ({ packet, from, to }) => {
        const what = `${networkEventOf(packet)} to ${formatAddress(packet.destination)}`;
        this.note(from, this.#hosts.some(({ name }) => name === to) ? `the network loses a packet: ${what}` : `nobody receives: ${what}`);
      },
    });
  }

  /** Everything that happened so far, in order. */
  get records(): readonly SessionRecord[] {
    return this.#recorder.records;
  }

  get hosts(): readonly Host[] {
    return this.#hosts;
  }

  addHost(options: HostOptions): Host {
    const host = new Host(options, { clock: this.clock, network: this.network, recorder: this.#recorder });
    this.#hosts.push(host);
    return host;
  }

  /** Runs for `seconds` of virtual time, or until nothing is left to happen. */
  run(seconds = Number.POSITIVE_INFINITY): void {
    const limit = this.#limit(seconds);
    this.runUntil(() => false, seconds);
    if (Number.isFinite(limit)) this.clock.skipTo(limit);
  }

  /** Runs until `condition` holds, at most for `seconds` of virtual time; whether it holds. */
  runUntil(condition: () => boolean, seconds = Number.POSITIVE_INFINITY): boolean {
    const limit = this.#limit(seconds);
    for (let steps = 0; steps < ENDLESS; steps++) {
      if (condition()) return true;
      const { next } = this.clock;
      if (next === undefined || next > limit) return false;
      this.clock.step();
    }
    return condition();
  }

  /** `seconds` from now, in whole microseconds as the clock counts: what is due at that very moment still happens. */
  #limit(seconds: number): number {
    return Math.round((this.clock.seconds + seconds) * 1e6) / 1e6;
  }

  /** Marks what is about to happen. */
  step(title: string): void {
    this.#recorder.add({ type: "step", title });
  }

  note(host: string, text: string): void {
    this.#recorder.add({ type: "note", host, text });
  }
}
