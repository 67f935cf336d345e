import type { TcpConnection } from "./connection.ts";
import { transmitAcknowledgment } from "./output.ts";
import type { Tcp } from "./tcp.ts";

/** Challenge ACKs a host sends in a second (RFC 5961 7). */
const PER_SECOND = 100;

/** Counts a host's challenge ACKs. */
export class ChallengeLimit {
  #second = -1;
  #count = 0;

  /** Whether one more may leave now. */
  takes(seconds: number): boolean {
    const second = Math.floor(seconds);
    if (second !== this.#second) {
      this.#second = second;
      this.#count = 0;
    }
    return ++this.#count <= PER_SECOND;
  }
}

/** Asks a peer whose SYN or reset is in doubt to prove that it knows the connection (RFC 5961 3.2, 4.2). */
export function challenge(tcp: Tcp, connection: TcpConnection): void {
  if (tcp.challenges.takes(tcp.host.clock.seconds)) transmitAcknowledgment(tcp, connection);
}
