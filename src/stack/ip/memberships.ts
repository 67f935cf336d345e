import { formatAddress, type IpAddress } from "../../model/index.ts";
import type { NetworkInterface } from "../interface.ts";

/** Groups every IPv6 host is in: all nodes, interface-local and link-local (RFC 4291 2.7.1). IPv4 has all hosts (RFC 1112 4). */
const ALWAYS = new Set(["ff01::1", "ff02::1", "224.0.0.1"]);

/** The multicast groups a host has joined, by interface; joined more than once they are left as often. */
export class Memberships {
  readonly #joined = new Set<{ readonly key: string }>();

  /** Takes part in a group; call what is returned to leave it. */
  join(networkInterface: NetworkInterface, group: IpAddress): () => void {
    const membership = { key: keyOf(networkInterface, group) };
    this.#joined.add(membership);
    return () => {
      this.#joined.delete(membership);
    };
  }

  has(networkInterface: NetworkInterface, group: IpAddress): boolean {
    const wanted = keyOf(networkInterface, group);
    return ALWAYS.has(formatAddress(group)) || [...this.#joined].some(({ key }) => key === wanted);
  }
}

function keyOf({ index }: NetworkInterface, group: IpAddress): string {
  return `${index} ${formatAddress(group)}`;
}
