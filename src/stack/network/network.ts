import { addressTypeOf, formatAddress, type IpAddress } from "../../model/index.ts";
import type { Clock } from "../clock.ts";
import type { Packet } from "../packet.ts";
import { type PathLimit, passPath } from "./path-mtu.ts";
import { packetOf } from "./transit-packet.ts";
import { TransmissionQueue } from "./transmission-queue.ts";

/** Where a node is attached to a link. */
export interface NetworkPort {
  /** Name of the link; ports on the same link reach each other. */
  readonly link: string;
  /** Whether packets for `address` are handed to this port: it is one of the node's here. */
  owns(address: IpAddress): boolean;
  receive(bytes: Uint8Array): void;
}

/** Who is attached to the network: a host, or a test that plays one. */
export interface NetworkNode {
  readonly name: string;
  readonly ports: readonly NetworkPort[];
}

/** A packet on its way. */
export interface Transit {
  readonly bytes: Uint8Array;
  /** What is in the bytes; fragments and unknown protocols are opaque. */
  readonly packet: Packet;
  readonly link: string;
  readonly from: string;
  readonly to: string;
  /** How many packets the network was given before this one. */
  readonly index: number;
  /** Seconds at which it was sent. */
  readonly time: number;
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
  /** Bits per second of each sender on each link; unlimited unless told. Packets queue behind each other. */
  readonly rate?: number;
  /** Bytes that may wait for a sender's turn where there is a rate; 256 KiB unless told. What does not fit is lost. */
  readonly queue?: number;
  /** A router on the way with a smaller MTU than the interfaces'. */
  readonly path?: PathLimit;
  /** Told of packets that are lost and of those to an address nobody has. */
  readonly onLost?: (transit: Transit) => void;
}

const ordinary: readonly number[] = [0];
const QUEUE = 256 * 1024;

/** Carries packets between hosts, after a delay, in the order they were sent unless `fate` says otherwise. */
export class Network {
  readonly delay: number;
  fate: Fate;
  readonly #clock: Clock;
  readonly #options: NetworkOptions;
  readonly #nodes: NetworkNode[] = [];
  readonly #queues = new Map<string, TransmissionQueue>();
  readonly #taps: ((transit: Transit) => void)[] = [];
  #count = 0;

  constructor(clock: Clock, options: NetworkOptions = {}) {
    this.#clock = clock;
    this.#options = options;
    this.delay = options.delay ?? 0.01;
    this.fate = options.fate ?? (() => ordinary);
  }

  attach(node: NetworkNode): void {
    this.#nodes.push(node);
  }

  /** Shows every packet that is sent, lost ones too, in order. */
  tap(listener: (transit: Transit) => void): void {
    this.#taps.push(listener);
  }

  /** Sends `bytes` over `link` to whoever has `nexthop` there; a multicast or broadcast packet goes to everybody else on it. */
  send(from: NetworkNode, link: string, nexthop: IpAddress, bytes: Uint8Array): void {
    const isForMany = addressTypeOf(nexthop) !== "unicast";
    const receivers = this.#nodes
      .filter((node) => node !== from)
      .flatMap((node) =>
        node.ports.filter((port) => port.link === link && (isForMany || port.owns(nexthop))).map((port) => ({ node, port })),
      );
    const [first] = receivers;
    const to = first === undefined || isForMany ? formatAddress(nexthop) : first.node.name;
    const transit: Transit = {
      bytes,
      packet: packetOf(bytes),
      link,
      from: from.name,
      to,
      index: this.#count++,
      time: this.#clock.seconds,
    };
    for (const tap of this.#taps) tap(transit);
    const queue = this.#queueOf(from.name, link);
    // null: the queue is full.
    const wait = queue === undefined ? 0 : queue.waitFor(bytes.length);
    const copies = receivers.length === 0 || wait === null ? [] : this.fate(transit);
    if (wait === null || copies.length === 0) {
      this.#options.onLost?.(transit);
      return;
    }
    for (const extra of copies) this.#clock.after(this.delay + wait + extra, () => this.#arrive(link, transit, receivers));
  }

  #arrive(link: string, transit: Transit, receivers: readonly { readonly port: NetworkPort }[]): void {
    const { path } = this.#options;
    if (path === undefined) {
      for (const { port } of receivers) port.receive(transit.bytes);
      return;
    }
    const { pieces, answer } = passPath(transit.bytes, path);
    for (const { port } of receivers) for (const piece of pieces) port.receive(piece);
    if (answer === null) return;
    // The router's ICMP error crosses the link as packets of others do: it is seen, and may be lost.
    const { source, destination } = packetOf(answer);
    this.send({ name: formatAddress(source), ports: [] }, link, destination, answer);
  }

  #queueOf(from: string, link: string): TransmissionQueue | undefined {
    const { rate, queue = QUEUE } = this.#options;
    if (rate === undefined) return undefined;
    const key = `${from}\n${link}`;
    const existing = this.#queues.get(key) ?? new TransmissionQueue(this.#clock, rate, queue);
    this.#queues.set(key, existing);
    return existing;
  }
}
