import {
  formatAddress,
  InputError,
  type InputPosition,
  type IpAddress,
  parseAddress,
  type Scenario,
  type ScenarioEnd,
  type ScenarioEndpoint,
  type ScenarioPlace,
  type ScenarioPort,
} from "../../model/index.ts";
import type { NetworkInterface } from "../interface.ts";
import type { Cast } from "./cast.ts";
import type { ResolvedEndpoint } from "./packet-match.ts";

/** What names of a scenario stand for in a play: the addresses of its IP version, the port it was given. */
export class ScenarioNames {
  readonly #scenario: Scenario;
  readonly #cast: Cast;
  readonly family: 4 | 6;
  readonly port: number;

  constructor(scenario: Scenario, cast: Cast, family: 4 | 6, port: number) {
    this.#scenario = scenario;
    this.#cast = cast;
    this.family = family;
    this.port = port;
  }

  positionOf([line, column]: ScenarioPlace): InputPosition {
    return { file: this.#scenario.file, line, column };
  }

  portOf(port: ScenarioPort): number {
    return port === "$port" ? this.port : port;
  }

  /** All addresses that an end stands for, the usual one first. */
  addressesOf(end: ScenarioEnd, family: 4 | 6 = this.family): readonly IpAddress[] {
    switch (end.kind) {
      case "literal":
        return [parseAddress(end.address)];
      case "address": {
        const text = this.#scenario.addresses[end.name]?.[family];
        return text === undefined ? [] : [parseAddress(text)];
      }
      case "host":
        return this.#interfaces(end.host, end.interface).flatMap((item) => ownAddresses(item, family));
      case "socket": {
        const socket = this.#cast.socket(end.name)?.socket;
        const local = socket?.endpoint.localAddress ?? null;
        if (local !== null) return [local];
        const host = this.#cast.socket(end.name)?.host;
        return host === undefined ? [] : this.#interfaces(host.name, null).flatMap((item) => ownAddresses(item, family));
      }
    }
  }

  /** @throws InputError where nothing of the IP version is there. */
  addressOf(end: ScenarioEnd, at: ScenarioPlace, family: 4 | 6 = this.family): IpAddress {
    const [address] = this.addressesOf(end, family);
    if (address !== undefined) return address;
    const name = end.kind === "host" ? end.host : end.kind === "literal" ? end.address : end.name;
    throw new InputError(`expected an address of the IP version that is played (IPv${family}), "${name}" has none`, this.positionOf(at));
  }

  /** The port of an endpoint; of a socket its own. */
  portOfEndpoint({ end, port }: ScenarioEndpoint): number | null {
    if (port !== null) return this.portOf(port);
    return end.kind === "socket" ? (this.#cast.socket(end.name)?.socket?.endpoint.localPort ?? null) : null;
  }

  /** For packets. */
  endpointOf(endpoint: ScenarioEndpoint): ResolvedEndpoint {
    return { addresses: this.addressesOf(endpoint.end), port: this.portOfEndpoint(endpoint) };
  }

  /** `$port`, `$otherPort`, `$server`, `$router.inside`, `$group` in a text. */
  expand(text: string, at: ScenarioPlace): string {
    return text.replace(/\$([A-Za-z][\w.-]*)/g, (_, name: string) => {
      if (name === "port") return String(this.port);
      // A port that nobody has anything to do with.
      if (name === "otherPort") return this.port === 9 ? "7" : "9";
      const [host = "", ...rest] = name.split(".");
      const end: ScenarioEnd = this.#scenario.hosts.some((candidate) => candidate.name === host)
        ? { kind: "host", host, interface: rest.length === 0 ? null : rest.join(".") }
        : { kind: "address", name };
      return formatAddress(this.addressOf(end, at));
    });
  }

  #interfaces(host: string, name: string | null): readonly NetworkInterface[] {
    const all = this.#cast.host(host)?.interfaces.slice(1) ?? [];
    return name === null ? all : all.filter(({ alias }) => alias === name);
  }
}

function ownAddresses({ addresses }: NetworkInterface, family: 4 | 6): IpAddress[] {
  return addresses.map(({ address }) => address).filter((address) => address.family === family);
}
