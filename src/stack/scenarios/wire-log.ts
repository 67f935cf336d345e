import type { WirePacket } from "../../model/index.ts";
import type { Clock } from "../clock.ts";
import type { Network, Transit } from "../network/network.ts";
import { TransmissionQueue } from "../network/transmission-queue.ts";
import type { Packet } from "../packet.ts";
import { packetText } from "./packet-text.ts";
import { SequenceOrigins } from "./sequence-origins.ts";

/** A packet that crossed the network, and what is in it. */
export interface LoggedPacket extends WirePacket {
  readonly packet: Packet;
}

const QUEUE = 256 * 1024;

/** Writes down every packet that is sent, with what became of it. */
export class WireLog {
  readonly packets: LoggedPacket[] = [];
  readonly origins = new SequenceOrigins();
  readonly #queues = new Map<string, TransmissionQueue>();
  /** By the network's number of the packet: seconds in the queue, and place in the log. */
  readonly #waits = new Map<number, number>();
  readonly #places = new Map<number, number>();

  /** `recorded`: how many session records there are. */
  constructor(network: Network, clock: Clock, rate: number | undefined, recorded: () => number) {
    const fate = network.fate;
    network.fate = (transit) => {
      const copies = fate(transit);
      this.#settle(transit, copies, network.delay);
      return copies;
    };
    network.tap((transit) => {
      const { bytes, packet, link, from, to, time } = transit;
      this.origins.see(packet);
      // The same queue as the network's, to know when the packet arrives.
      const wait = rate === undefined ? 0 : (this.#queue(clock, rate, from, link).waitFor(bytes.length) ?? 0);
      this.#waits.set(transit.index, wait);
      this.packets.push({
        bytes,
        packet,
        link,
        from,
        to,
        time,
        copies: 0,
        arrives: null,
        text: packetText(packet, this.origins),
        after: recorded(),
      });
      this.#places.set(transit.index, this.packets.length - 1);
    });
  }

  #settle({ index, time }: Transit, copies: readonly number[], delay: number): void {
    const place = this.#places.get(index);
    const logged = place === undefined ? undefined : this.packets[place];
    if (place === undefined || logged === undefined || copies.length === 0) return;
    const arrives = time + (this.#waits.get(index) ?? 0) + delay + Math.min(...copies);
    // The clock counts microseconds.
    this.packets[place] = { ...logged, copies: copies.length, arrives: Math.round(arrives * 1e6) / 1e6 };
  }

  #queue(clock: Clock, rate: number, from: string, link: string): TransmissionQueue {
    const key = `${from}\n${link}`;
    const queue = this.#queues.get(key) ?? new TransmissionQueue(clock, rate, QUEUE);
    this.#queues.set(key, queue);
    return queue;
  }
}
