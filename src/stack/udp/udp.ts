import type { IpAddress } from "../../model/index.ts";
import type { NetworkInterface } from "../interface.ts";
import type { UdpSocket } from "./udp-socket.ts";

/** UDP of one host: its sockets. */
export class Udp {
  readonly #sockets = new Set<UdpSocket>();

  add(socket: UdpSocket): void {
    this.#sockets.add(socket);
  }

  remove(socket: UdpSocket): void {
    this.#sockets.delete(socket);
  }

  /**
   * Sockets that a datagram is for: of unicast the one bound to the very address before one bound to all, of multicast and broadcast
   * every one (RFC 1122 4.1.3.5).
   */
  receivers(address: IpAddress, port: number, arrival: NetworkInterface | undefined, isForMany: boolean): readonly UdpSocket[] {
    const all = [...this.#sockets].filter((socket) => socket.listensOn(address, port, arrival));
    if (isForMany) return all;
    const best = all.find(({ endpoint }) => endpoint.localAddress !== null) ?? all[0];
    return best === undefined ? [] : [best];
  }
}
