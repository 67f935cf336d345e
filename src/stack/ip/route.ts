import { type IpAddress, isLoopback } from "../../model/index.ts";
import type { Host } from "../host.ts";
import { hasAddress, IF_TYPE, isOnLink, type NetworkInterface } from "../interface.ts";

/** Where a packet to some destination leaves, and with which source address. */
export interface Route {
  readonly networkInterface: NetworkInterface;
  readonly source: IpAddress;
  /** The packet never leaves the host. */
  readonly isLoopback: boolean;
}

/**
 * The route to `destination`: the loopback interface for the host's own addresses, an interface on the same subnet, else the first one
 * with an address of the family (the default route). `source` fixes the source address and with it the interface.
 */
export function routeTo(host: Host, destination: IpAddress, source: IpAddress | null): Route | undefined {
  const local = host.interfaceOf(destination);
  if (local !== undefined) {
    const loopback = host.interfaces.find(({ type }) => type === IF_TYPE.loopback) ?? local;
    return { networkInterface: loopback, source: source ?? destination, isLoopback: true };
  }
  if (isLoopback(destination) || (source !== null && isLoopback(source))) return undefined;
  const usable = host.interfaces.filter(
    (candidate) => candidate.type !== IF_TYPE.loopback && (source === null || hasAddress(candidate, source)),
  );
  const chosen =
    usable.find((candidate) => isOnLink(candidate, destination)) ??
    usable.find(({ addresses }) => addresses.some(({ address }) => address.family === destination.family));
  if (chosen === undefined) return undefined;
  const own = source ?? chosen.addresses.find(({ address }) => address.family === destination.family)?.address;
  return own === undefined ? undefined : { networkInterface: chosen, source: own, isLoopback: false };
}
