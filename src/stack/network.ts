import { formatAddress, type IpAddress } from "../model/index.ts";
import type { Clock } from "./clock.ts";
import type { IpPacket } from "./packet.ts";

/** Who is attached to the network: a host, or a test that plays one. */
export interface NetworkNode {
  readonly name: string;
  /** Whether the packet's destination is one of the node's addresses. */
  owns(address: IpAddress): boolean;
  receive(packet: IpPacket): void;
}

/** A packet on its way. */
export interface Transit {
  readonly packet: IpPacket;
  readonly from: string;
  readonly to: string;
  /** How many packets the network was given before this one. */
  readonly index: number;
}

/**
 * What becomes of a packet: the copies that arrive, each with the seconds it takes beyond the network's delay. `[0]` is an ordinary
 * packet, `[]` a lost one, `[0, 0.2]` one that arrives twice; unequal numbers reorder.
 */
export type Fate = (transit: Transit) => readonly number[];

export interface NetworkOptions {
  /** One-way delay in seconds; 0.01 unless told. */
  readonly delay?: number;
  readonly fate?: Fate;
  /** Told of packets that fate loses and of those to an address nobody has. */
  readonly onLost?: (transit: Transit) => void;
}

const ordinary: readonly number[] = [0];

/** Carries packets between hosts, after a delay, in the order they were sent unless `fate` says otherwise. */
export class Network {
  readonly delay: number;
  fate: Fate;
  readonly #clock: Clock;
  readonly #onLost: ((transit: Transit) => void) | undefined;
  readonly #nodes: NetworkNode[] = [];
  #count = 0;

  constructor(clock: Clock, options: NetworkOptions = {}) {
    this.#clock = clock;
    this.delay = options.delay ?? 0.01;
    this.fate = options.fate ?? (() => ordinary);
    this.#onLost = options.onLost;
  }

  attach(node: NetworkNode): void {
    this.#nodes.push(node);
  }

  send(from: NetworkNode, packet: IpPacket): void {
    const to = this.#nodes.find((node) => node !== from && node.owns(packet.destination));
    const transit: Transit = { packet, from: from.name, to: to?.name ?? formatAddress(packet.destination), index: this.#count++ };
    const copies = to === undefined ? [] : this.fate(transit);
    if (copies.length === 0) this.#onLost?.(transit);
    for (const extra of copies) this.#clock.after(this.delay + extra, () => to?.receive(packet));
  }
}
