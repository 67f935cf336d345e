import { closeSync, openSync, writeSync } from "node:fs";
import { LINK_TYPE, PcapngWriter } from "../src/wire/index.ts";
import { type Random, seededRandom } from "./random.ts";
import { type SessionTemplate, sessionTemplates } from "./session-templates.ts";

/** 2026-11-23T08:00:00Z. */
const START = Date.UTC(2026, 10, 23, 8) / 1000;
/** The host that the capture is seen from. */
export const CAPTURE_HOST = { 4: "10.0.0.5", 6: "2001:db8::5" } as const;
/** Conversations that begin in a second. */
const PER_SECOND = 160;
const WRITE_BUFFER = 1 << 20;
const LINK_HEADER = 14;

/** A conversation under way: a template, where in it we are, and who it is between. */
interface Conversation {
  readonly template: SessionTemplate;
  readonly begins: number;
  next: number;
  readonly clientIsHost: boolean;
  /** Words of 16 bits that stand for the two addresses; ports. */
  readonly hostWords: readonly number[];
  readonly peerWords: readonly number[];
  readonly clientPort: number;
  readonly serverPort: number;
}

export interface GeneratedCapture {
  readonly packets: number;
  readonly bytes: number;
  readonly conversations: number;
}

/**
 * Writes a capture of at least `size` bytes: conversations that the project's own hosts had with each other, again and again between one
 * host and many peers, many at a time. The same seed gives the same file.
 */
export function generateCapture(path: string, size: number, seed = 1): GeneratedCapture {
  const file = openSync(path, "w");
  const buffer = new Uint8Array(WRITE_BUFFER);
  let used = 0;
  let bytes = 0;
  const emit = (piece: Uint8Array): void => {
    if (used + piece.length > buffer.length) {
      writeSync(file, buffer, 0, used);
      used = 0;
    }
    buffer.set(piece, used);
    used += piece.length;
    bytes += piece.length;
  };
  const writer = new PcapngWriter(emit, { application: "wfplab bench" });
  writer.addInterface({ linkType: LINK_TYPE.ethernet, name: "Ethernet" });
  const traffic = new Traffic(seededRandom(seed));
  let packets = 0;
  while (bytes < size) {
    const { time, data } = traffic.next();
    const seconds = Math.floor(time);
    writer.packet({ interfaceIndex: 0, seconds: START + seconds, nanoseconds: Math.floor((time - seconds) * 1e9), data });
    packets++;
  }
  writer.flush();
  writeSync(file, buffer, 0, used);
  closeSync(file);
  return { packets, bytes, conversations: traffic.begun };
}

/** Packets of conversations in the order of their times. */
class Traffic {
  readonly #random: Random;
  readonly #templates = sessionTemplates();
  /** A binary heap by the time of the next packet. */
  readonly #heap: Conversation[] = [];
  readonly #frame = new Uint8Array(LINK_HEADER + 65_536);
  #nextBegin = 0;
  begun = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  /** The next packet as an Ethernet frame; the bytes hold until the next call. */
  next(): { readonly time: number; readonly data: Uint8Array } {
    while (this.#heap.length === 0 || timeOf(this.#heap[0]) >= this.#nextBegin) this.#begin();
    const conversation = this.#heap[0] as Conversation;
    const time = timeOf(conversation);
    const data = this.#frameOf(conversation);
    conversation.next++;
    if (conversation.next === conversation.template.packets.length) {
      const last = this.#heap.pop() as Conversation;
      if (this.#heap.length > 0) this.#heap[0] = last;
    }
    this.#sink();
    return { time, data };
  }

  #begin(): void {
    const random = this.#random;
    const template = this.#draw();
    const clientIsHost = random.chance(0.75);
    const peer = random.below(3000);
    const hostWords = template.family === 4 ? [0x0a00, 0x0005] : [0x2001, 0x0db8, 0, 0, 0, 0, 0, 5];
    const low = 1 + (peer & 0xff);
    const peerWords = template.family === 4 ? [0xc633 + (peer % 7), (peer & 0xff00) | low] : [0x2001, 0x0db8, 0xffff, peer, 0, 0, 0, low];
    const common =
      template.name === "name look-up" ? 53 : template.name === "announcement" ? 5353 : random.pick([80, 443, 443, 443, 445, 8080, 3389]);
    this.#heap.push({
      template,
      begins: this.#nextBegin,
      next: 0,
      clientIsHost,
      hostWords,
      peerWords,
      clientPort: 49_152 + random.below(16_384),
      serverPort: common,
    });
    this.#rise();
    this.begun++;
    this.#nextBegin += random.below(2000) / 1000 / PER_SECOND;
  }

  #draw(): SessionTemplate {
    let drawn = this.#random.below(1000);
    for (const [template, share] of this.#templates) {
      drawn -= share;
      if (drawn < 0) return template;
    }
    throw new RangeError("the shares of the templates do not add up to a thousand");
  }

  /** The packet of the template between other addresses and ports, its checksums adjusted (RFC 1624). */
  #frameOf({ template, next, clientIsHost, hostWords, peerWords, clientPort, serverPort }: Conversation): Uint8Array {
    const packet = template.packets[next] as SessionTemplate["packets"][number];
    const frame = this.#frame;
    const view = new DataView(frame.buffer);
    const fromHost = packet.fromClient === clientIsHost;
    frame.set([2, 0, 0, 0, 0, fromHost ? 2 : 1, 2, 0, 0, 0, 0, fromHost ? 1 : 2]);
    view.setUint16(12, template.family === 4 ? 0x0800 : 0x86dd);
    frame.set(packet.bytes, LINK_HEADER);
    const ip = LINK_HEADER;
    const words = template.family === 4 ? 2 : 8;
    const addresses = ip + (template.family === 4 ? 12 : 8);
    const [source, destination] = fromHost ? [hostWords, peerWords] : [peerWords, hostWords];
    let change = 0;
    for (let word = 0; word < 2 * words; word++) {
      const value = (word < words ? source[word] : destination[word - words]) ?? 0;
      change += value + (~view.getUint16(addresses + 2 * word) & 0xffff);
      view.setUint16(addresses + 2 * word, value);
    }
    if (template.family === 4) adjust(view, ip + 10, change);
    const protocol = view.getUint8(ip + (template.family === 4 ? 9 : 6));
    const transport = ip + (template.family === 4 ? 20 : 40);
    if (protocol !== 6 && protocol !== 17) return frame.subarray(0, LINK_HEADER + packet.bytes.length);
    const [from, to] = packet.fromClient ? [clientPort, serverPort] : [serverPort, clientPort];
    for (const [at, port] of [
      [transport, from],
      [transport + 2, to],
    ] as const) {
      change += port + (~view.getUint16(at) & 0xffff);
      view.setUint16(at, port);
    }
    adjust(view, transport + (protocol === 6 ? 16 : 6), change);
    return frame.subarray(0, LINK_HEADER + packet.bytes.length);
  }

  #rise(): void {
    let at = this.#heap.length - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (timeOf(this.#heap[parent]) <= timeOf(this.#heap[at])) return;
      this.#swap(at, parent);
      at = parent;
    }
  }

  #sink(): void {
    for (let at = 0; ; ) {
      let least = at;
      for (const child of [2 * at + 1, 2 * at + 2]) {
        if (child < this.#heap.length && timeOf(this.#heap[child]) < timeOf(this.#heap[least])) least = child;
      }
      if (least === at) return;
      this.#swap(at, least);
      at = least;
    }
  }

  #swap(a: number, b: number): void {
    const held = this.#heap[a] as Conversation;
    this.#heap[a] = this.#heap[b] as Conversation;
    this.#heap[b] = held;
  }
}

function timeOf(conversation: Conversation | undefined): number {
  if (conversation === undefined) return Number.POSITIVE_INFINITY;
  return conversation.begins + (conversation.template.packets[conversation.next]?.time ?? 0);
}

function adjust(view: DataView, at: number, change: number): void {
  let sum = (~view.getUint16(at) & 0xffff) + change;
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  view.setUint16(at, ~sum & 0xffff);
}
