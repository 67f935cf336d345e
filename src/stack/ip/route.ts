import { addressTypeOf, type IpAddress, isLoopback } from "../../model/index.ts";
import type { Host } from "../host.ts";
import { addressTypeOn, hasAddress, IF_TYPE, isOnLink, type NetworkInterface } from "../interface.ts";

/** Where a packet to some destination leaves, and with which source address. */
export interface Route {
  readonly networkInterface: NetworkInterface;
  readonly source: IpAddress;
  /** Who gets the packet next: the destination itself or a router. */
  readonly nexthop: IpAddress;
  /** The packet never leaves the host. */
  readonly isLoopback: boolean;
  /** The source address is another interface's (weak host send). */
  readonly isWeak: boolean;
}

/**
 * The route to `destination`: the loopback interface for the host's own addresses, an interface on the same subnet, else one with a
 * router, else the first one with an address of the family. `source` fixes the source address, and with it the interface unless that
 * allows weak host sends (RFC 1122 3.3.4.2; strong by default since Vista).
 */
export function routeTo(host: Host, destination: IpAddress, source: IpAddress | null): Route | undefined {
  if (host.owns(destination)) {
    return { networkInterface: host.loopback, source: source ?? destination, nexthop: destination, isLoopback: true, isWeak: false };
  }
  // Loopback addresses never leave a host (RFC 1122 3.2.1.3 g).
  if (source !== null && isLoopback(source)) return undefined;
  const owner = source === null ? undefined : host.interfaceOf(source);
  const isFree = source === null || owner?.weakHostSend === true;
  const { family } = destination;
  const usable = host.interfaces.filter(
    (candidate) => candidate.type !== IF_TYPE.loopback && candidate.up && (isFree || hasAddress(candidate, source)),
  );
  const addressed = usable.filter(({ addresses }) => addresses.some(({ address }) => address.family === family));
  const chosen =
    usable.find((candidate) => isOnLink(candidate, destination)) ??
    // With the address's own interface before others, as its routes are the better ones.
    (owner?.up === true && owner.gateways[family] !== undefined ? owner : undefined) ??
    addressed.find(({ gateways }) => gateways[family] !== undefined) ??
    addressed[0];
  const own = source ?? chosen?.addresses.find(({ address }) => address.family === family)?.address;
  if (chosen === undefined || own === undefined) return undefined;
  return {
    networkInterface: chosen,
    source: own,
    nexthop: nexthopTo(chosen, destination),
    isLoopback: false,
    isWeak: !hasAddress(chosen, own),
  };
}

function nexthopTo(networkInterface: NetworkInterface, destination: IpAddress): IpAddress {
  if (isOnLink(networkInterface, destination) || addressTypeOf(destination) !== "unicast") {
    // A subnet's own broadcast reaches everybody on the link.
    return addressTypeOn(networkInterface, destination) === "broadcast" ? { family: 4, value: 0xffffffff } : destination;
  }
  return networkInterface.gateways[destination.family] ?? destination;
}
