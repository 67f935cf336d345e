import { type IpAddress, sameAddress } from "../model/index.ts";

/** The dynamic port range of Windows since Vista (WFP-SHIMS 4.3.1 on the misprint 19152). */
export const DYNAMIC_PORTS = { first: 49_152, last: 65_535 } as const;

interface Reservation {
  readonly family: 4 | 6;
  readonly address: IpAddress | null;
  readonly port: number;
}

/** Local TCP ports in use on one host. */
export class PortTable {
  readonly #reservations = new Set<Reservation>();
  #next: number;

  /** `firstDynamic`: the dynamic port handed out first. */
  constructor(firstDynamic: number) {
    this.#next = firstDynamic;
  }

  /** Whether `port` is free on `address`; null stands for every address of the family. */
  isFree(family: 4 | 6, address: IpAddress | null, port: number): boolean {
    for (const other of this.#reservations) {
      const overlaps = address === null || other.address === null || sameAddress(address, other.address);
      if (other.family === family && other.port === port && overlaps) return false;
    }
    return true;
  }

  /** The next free dynamic port; undefined if all are in use. */
  dynamicPort(family: 4 | 6): number | undefined {
    const count = DYNAMIC_PORTS.last - DYNAMIC_PORTS.first + 1;
    for (let tried = 0; tried < count; tried++) {
      const port = this.#next;
      this.#next = port === DYNAMIC_PORTS.last ? DYNAMIC_PORTS.first : port + 1;
      if (this.isFree(family, null, port)) return port;
    }
    return undefined;
  }

  /** Takes a port; call what is returned to give it back. */
  reserve(family: 4 | 6, address: IpAddress | null, port: number): () => void {
    const reservation: Reservation = { family, address, port };
    this.#reservations.add(reservation);
    return () => {
      this.#reservations.delete(reservation);
    };
  }
}
