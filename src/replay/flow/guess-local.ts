import { addressTypeOf, formatAddress, type IpAddress, isLoopback } from "../../model/index.ts";
import { decodeFrame, Frame, type PacketBatch } from "../../wire/index.ts";
import { addressAt } from "./address-at.ts";

/** Addresses seen behind one link address before it is taken for a router's. */
const ROUTER = 6;

interface Seen {
  readonly address: IpAddress;
  packets: number;
  /** Link address of frames from it, as text. */
  link: string | null;
}

/**
 * Guesses whose capture it is: the unicast address that takes part in most packets, of each IP version, and what else is sent from the
 * same link address.
 */
export class LocalGuess {
  readonly #seen = new Map<string, Seen>();
  readonly #frame = new Frame();
  #packets = 0;

  get packets(): number {
    return this.#packets;
  }

  packetsOf(batch: PacketBatch): void {
    const frame = this.#frame;
    for (let index = 0; index < batch.count; index++) {
      decodeFrame(
        frame,
        batch.view,
        batch.offset[index] ?? 0,
        batch.captured[index] ?? 0,
        batch.original[index] ?? 0,
        batch.linkType[index] ?? 0,
      );
      if (frame.family === 0) continue;
      this.#packets++;
      this.#count(frame, frame.source, frame.macSource);
      this.#count(frame, frame.destination, -1);
    }
  }

  /** The guess so far; empty where there was no IP at all. */
  addresses(): readonly IpAddress[] {
    const candidates = [...this.#seen.values()].filter(({ address }) => addressTypeOf(address) === "unicast" && !isLoopback(address));
    const busiest = ([4, 6] as const).flatMap((family) => {
      const own = candidates.filter(({ address }) => address.family === family);
      return own.length === 0 ? [] : [own.reduce((a, b) => (b.packets > a.packets ? b : a))];
    });
    const [first] = busiest.toSorted((a, b) => b.packets - a.packets);
    if (first === undefined) return [];
    const together = first.link === null ? [] : candidates.filter(({ link }) => link === first.link);
    // Behind a router's link address many hosts hide; then only the busiest address is believed.
    const chosen = together.length > 0 && together.length < ROUTER ? together : first.link === null ? busiest : [first];
    return chosen.map(({ address }) => address);
  }

  #count({ view, family }: Frame, at: number, linkAt: number): void {
    const address = addressAt(view, at, family === 4 ? 4 : 6);
    const key = formatAddress(address);
    const seen = this.#seen.get(key) ?? { address, packets: 0, link: null };
    seen.packets++;
    if (linkAt >= 0) seen.link = linkText(view, linkAt);
    this.#seen.set(key, seen);
  }
}

function linkText(view: DataView, at: number): string {
  return Array.from({ length: 6 }, (_, index) => view.getUint8(at + index)).join(":");
}
