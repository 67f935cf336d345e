import type { RawSocket } from "./raw-socket.ts";

/** Raw sockets of one host. */
export class RawSockets {
  readonly #sockets = new Set<RawSocket>();

  get sockets(): Iterable<RawSocket> {
    return this.#sockets;
  }

  add(socket: RawSocket): void {
    this.#sockets.add(socket);
  }

  remove(socket: RawSocket): void {
    this.#sockets.delete(socket);
  }
}
