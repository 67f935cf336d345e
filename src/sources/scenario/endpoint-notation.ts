import {
  didYouMean,
  InputError,
  type InputPosition,
  parseIpv4,
  parseIpv6,
  type ScenarioEnd,
  type ScenarioEndpoint,
  type ScenarioPort,
} from "../../model/index.ts";

/** What a scenario has names for. */
export interface ScenarioNames {
  /** Interfaces by host. */
  readonly hosts: ReadonlyMap<string, readonly string[]>;
  readonly addresses: ReadonlySet<string>;
  /** Those of `sockets:` and those that accept makes. */
  readonly sockets: ReadonlySet<string>;
}

/**
 * `server`, `router.inside`, `group`, `client-socket`, `192.0.2.1`, `2001:db8::1`.
 * @throws InputError
 */
export function parseEnd(text: string, names: ScenarioNames, position: InputPosition): ScenarioEnd {
  if (names.hosts.has(text)) return { kind: "host", host: text, interface: null };
  if (names.addresses.has(text)) return { kind: "address", name: text };
  if (names.sockets.has(text)) return { kind: "socket", name: text };
  const bare = /^\[(.*)\]$/.exec(text)?.[1] ?? text;
  if (parseIpv4(bare) !== undefined || parseIpv6(bare) !== undefined) return { kind: "literal", address: bare };
  const dot = text.indexOf(".");
  const host = dot < 0 ? undefined : text.slice(0, dot);
  const interfaces = host === undefined ? undefined : names.hosts.get(host);
  if (host !== undefined && interfaces !== undefined) {
    const name = text.slice(dot + 1);
    if (interfaces.includes(name)) return { kind: "host", host, interface: name };
    throw new InputError(`expected an interface of ${host} (${interfaces.join(", ")}), found "${name}"`, position);
  }
  const known = [...names.hosts.keys(), ...names.addresses, ...names.sockets];
  throw new InputError(`expected a host, an address or a socket, found "${text}"${didYouMean(text, known)}`, position);
}

/**
 * An end and its port: `server:53`, `server:$port`, `[2001:db8::1]:53`; the port may be missing.
 * @throws InputError
 */
export function parseEndpoint(text: string, names: ScenarioNames, position: InputPosition): ScenarioEndpoint {
  const [, end, port] = /^(\[[^\]]*\]|[^:]*)(?::([^:]*))?$/.exec(text) ?? [undefined, text, undefined];
  return { end: parseEnd(end ?? text, names, position), port: port === undefined ? null : parsePort(port, position) };
}

function parsePort(text: string, position: InputPosition): ScenarioPort {
  if (text === "$port") return text;
  const value = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value <= 65_535)) throw new InputError(`expected a port from 0 to 65535 or $port, found "${text}"`, position);
  return value;
}
