import { formatAddress, type IpAddress, parseAddress, type ScenarioStep } from "../../model/index.ts";
import type { NetworkInterface } from "../interface.ts";
import type { NetworkNode } from "../network/network.ts";
import { makePacket } from "./packet-make.ts";
import type { Play } from "./play.ts";

type Step<K extends ScenarioStep["do"]> = Extract<ScenarioStep, { do: K }>;

/** Says what is going on. */
export function note({ host, text, at }: Step<"note">, { simulation, names }: Play): boolean {
  simulation.note(host, names.expand(text, at));
  return true;
}

export function addFilter({ host, filter }: Step<"add-filter">, { filters }: Play): boolean {
  filters.add(host, filter);
  return true;
}

export function removeFilter({ host, name }: Step<"remove-filter">, { filters }: Play): boolean {
  return filters.remove(host, name);
}

/** Ends what the callout of a filter has pended. */
export function complete({ host, filter, decision }: Step<"complete">, { filters }: Play): boolean {
  return filters.complete(host, filter, decision);
}

/** Something changes at an interface: its network, its addresses, its cable. */
export function changeInterface({ host, interface: name, changes }: Step<"interface">, { cast }: Play): boolean {
  const target = cast.interface(host, name);
  const { addresses, ...plain } = changes;
  Object.assign(target satisfies NetworkInterface, plain);
  if (addresses !== undefined) target.addresses = addresses.map(interfaceAddress);
  return true;
}

function interfaceAddress(text: string): { readonly address: IpAddress; readonly prefixLength: number } {
  const [bare = "", prefix] = text.split("/");
  const address = parseAddress(bare);
  return { address, prefixLength: prefix === undefined ? (address.family === 4 ? 32 : 128) : Number(prefix) };
}

/** Packets that nobody's stack has made appear on a link. */
export function inject({ link, packets, at }: Step<"inject">, { simulation, names, log, cast, scenario }: Play): boolean {
  for (const [index, described] of packets.entries()) {
    const { bytes, destination } = makePacket(described, {
      origins: log.origins,
      endpoint: names.endpointOf.bind(names),
      // Pieces of one packet share it: those of one step.
      identification: described.body.kind === "fragment" ? at[0] & 0xffff : (at[0] + index) & 0xffff,
      position: names.positionOf(described.at),
    });
    const { from } = described;
    const name = from.end.kind === "address" ? from.end.name : formatAddress(names.addressOf(from.end, described.at));
    const stranger: NetworkNode = { name, ports: [] };
    const hosts = scenario.hosts.map((host) => cast.requireHost(host.name));
    simulation.network.send(stranger, link, nexthopOf(destination, link, hosts), bytes);
  }
  return true;
}

/** Who takes a packet on a link: its receiver, or else a router. */
function nexthopOf(
  destination: IpAddress,
  link: string,
  hosts: readonly { readonly interfaces: readonly NetworkInterface[]; owns(address: IpAddress): boolean }[],
): IpAddress {
  const onLink = hosts.flatMap(({ interfaces }) => interfaces.filter((item) => item.link === link));
  const own = onLink.flatMap(({ addresses }) => addresses.map(({ address }) => formatAddress(address)));
  if (own.includes(formatAddress(destination)) || !hosts.some((host) => host.owns(destination))) return destination;
  const router = onLink.find(({ forwarding }) => forwarding);
  return router?.addresses.find(({ address }) => address.family === destination.family)?.address ?? destination;
}
