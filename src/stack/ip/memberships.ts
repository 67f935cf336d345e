import { formatAddress, type IpAddress } from "../../model/index.ts";
import type { NetworkInterface } from "../interface.ts";

/** Groups every IPv6 host is in: all nodes, interface-local and link-local (RFC 4291 2.7.1). IPv4 has all hosts (RFC 1112 4). */
const ALWAYS = new Set(["ff01::1", "ff02::1", "224.0.0.1"]);

/** The multicast groups a host has joined, by interface; joined more than once they are left as often. */
export class Memberships {
  readonly #joined = new Map<string, number>();

  join(networkInterface: NetworkInterface, group: IpAddress): void {
    const key = keyOf(networkInterface, group);
    this.#joined.set(key, (this.#joined.get(key) ?? 0) + 1);
  }

  leave(networkInterface: NetworkInterface, group: IpAddress): void {
    const key = keyOf(networkInterface, group);
    const left = (this.#joined.get(key) ?? 0) - 1;
    if (left > 0) this.#joined.set(key, left);
    else this.#joined.delete(key);
  }

  has(networkInterface: NetworkInterface, group: IpAddress): boolean {
    return ALWAYS.has(formatAddress(group)) || this.#joined.has(keyOf(networkInterface, group));
  }
}

function keyOf({ index }: NetworkInterface, group: IpAddress): string {
  return `${index} ${formatAddress(group)}`;
}
