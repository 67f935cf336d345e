import { formatAddress, type IpAddress } from "../../model/index.ts";
import type { Frame } from "../../wire/index.ts";
import { addressAt } from "./address-at.ts";

/** Where a frame goes, seen from the host: by whose addresses are in it. "foreign": neither end is this host. */
export type Way = "inbound" | "outbound" | "loopback" | "foreign";

/** The addresses of the host that a capture is seen from. Looking a frame up allocates nothing for IPv4. */
export class LocalAddresses {
  readonly #v4 = new Set<number>();
  readonly #v6 = new Set<string>();

  constructor(addresses: Iterable<IpAddress>) {
    for (const address of addresses) {
      if (address.family === 4) this.#v4.add(address.value);
      else this.#v6.add(formatAddress(address));
    }
  }

  get size(): number {
    return this.#v4.size + this.#v6.size;
  }

  /** The way of a frame that has IP. What is sent to many is for this host too. */
  wayOf(frame: Frame): Way {
    const fromHere = this.#has(frame, frame.source);
    const toHere = this.#has(frame, frame.destination);
    if (fromHere) return toHere ? "loopback" : "outbound";
    return toHere || isForMany(frame) ? "inbound" : "foreign";
  }

  #has(frame: Frame, at: number): boolean {
    if (frame.family === 4) {
      const value = frame.view.getUint32(at);
      return this.#v4.has(value) || value >>> 24 === 127;
    }
    if (this.#v6.size === 0) return false;
    return this.#v6.has(formatAddress(addressAt(frame.view, at, 6)));
  }
}

function isForMany({ view, destination, family }: Frame): boolean {
  if (family === 6) return view.getUint8(destination) === 0xff;
  const value = view.getUint32(destination);
  return value >>> 28 === 0xe || value === 0xffff_ffff || (value & 0xff) === 0xff;
}
