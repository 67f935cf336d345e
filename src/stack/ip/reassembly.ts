import { formatAddress } from "../../model/index.ts";
import type { Clock, Timer } from "../clock.ts";
import type { FragmentPlace } from "../packet.ts";
import type { IpDatagram } from "./packet-bytes.ts";

/** Seconds after the first piece when what has arrived is given up (RFC 8200 4.5; RFC 1122 3.3.2 allows 60 to 120 for IPv4). */
export const REASSEMBLY_TIMEOUT = 60;

/** Bytes of the longest IP payload. */
const LONGEST = 65_535;

/** A datagram that is a piece of one. */
export type Piece = IpDatagram & { readonly fragment: FragmentPlace };

interface Pending {
  readonly pieces: Piece[];
  readonly timer: Timer;
}

/** Datagrams of which pieces are missing. */
export class Reassembly {
  readonly #clock: Clock;
  readonly #pending = new Map<string, Pending>();
  readonly #onTimeout: (piece: IpDatagram) => void;

  /** `onTimeout` is told the first piece (offset 0) of a datagram given up, if it had arrived. */
  constructor(clock: Clock, onTimeout: (piece: IpDatagram) => void) {
    this.#clock = clock;
    this.#onTimeout = onTimeout;
  }

  /**
   * Takes a piece; the whole datagram once it is complete. Pieces that overlap make the whole unusable and are all dropped (RFC 5722,
   * RFC 8200 4.5); an exact repetition is ignored.
   */
  add(piece: Piece): IpDatagram | null {
    const key = keyOf(piece);
    const pending = this.#pending.get(key) ?? this.#begin(key);
    const place = placeOf(piece);
    if (place.end > LONGEST || overlaps(pending.pieces, piece)) {
      this.#forget(key, pending);
      return null;
    }
    if (pending.pieces.some((other) => placeOf(other).start === place.start)) return null;
    pending.pieces.push(piece);
    const whole = joined(pending.pieces);
    if (whole === null) return null;
    this.#forget(key, pending);
    return whole;
  }

  #begin(key: string): Pending {
    const pieces: Piece[] = [];
    const timer = this.#clock.after(REASSEMBLY_TIMEOUT, () => {
      this.#pending.delete(key);
      const head = pieces.find(({ fragment }) => fragment.offset === 0);
      if (head !== undefined) this.#onTimeout(head);
    });
    const pending = { pieces, timer };
    this.#pending.set(key, pending);
    return pending;
  }

  #forget(key: string, { timer }: Pending): void {
    timer.cancel();
    this.#pending.delete(key);
  }
}

function keyOf({ source, destination, protocol, fragment }: Piece): string {
  // IPv6 leaves the protocol out (RFC 8200 4.5); only the first piece has to have the right one.
  const upper = source.family === 4 ? ` ${protocol}` : "";
  return `${formatAddress(source)} ${formatAddress(destination)} ${fragment.identification}${upper}`;
}

function placeOf({ fragment, payload }: Piece): { readonly start: number; readonly end: number } {
  const start = fragment.offset;
  return { start, end: start + payload.length };
}

/** Whether `piece` covers bytes that another piece has, without being the same piece. */
function overlaps(pieces: readonly Piece[], piece: Piece): boolean {
  const { start, end } = placeOf(piece);
  return pieces.some((other) => {
    const place = placeOf(other);
    return start < place.end && place.start < end && !(place.start === start && place.end === end);
  });
}

/** The datagram of all pieces; null as long as one is missing. */
function joined(pieces: readonly Piece[]): IpDatagram | null {
  const sorted = pieces.toSorted((a, b) => placeOf(a).start - placeOf(b).start);
  const [first] = sorted;
  const last = sorted.at(-1);
  if (first === undefined || last === undefined || placeOf(first).start !== 0 || last.fragment.moreFragments) return null;
  let next = 0;
  for (const piece of sorted) {
    const { start, end } = placeOf(piece);
    if (start !== next) return null;
    next = end;
  }
  const payload = new Uint8Array(next);
  for (const piece of sorted) payload.set(piece.payload, placeOf(piece).start);
  return { ...first, payload, fragment: null };
}
