import {
  formatAddress,
  InputError,
  parseAddress,
  type Scenario,
  type ScenarioAddresses,
  type ScenarioHost,
  type ScenarioSocket,
  type WindowsVersion,
} from "../../model/index.ts";
import { SuiteDocument } from "../suite/suite-document.ts";
import type { ScenarioNames } from "./endpoint-notation.ts";
import { parsePacket } from "./packet-notation.ts";
import { readAddresses, readHost, readSocket, type ScenarioContext } from "./read-scenario-hosts.ts";
import { readStep } from "./read-step.ts";
import { scenarioSchema } from "./scenario-schema.ts";

/** What stands for the port where the file tells none. */
const PORT = 8080;

/**
 * Reads a scenario file (docs/scenarios.md).
 * @param file for messages, and for those of its expectations
 * @throws InputError with file, line and column of the first mistake.
 */
export function readScenario(text: string, file: string): Scenario {
  const document = new SuiteDocument(text, file);
  const body = document.check(scenarioSchema, document.value, []);
  const addresses: Record<string, ScenarioAddresses> = {};
  for (const [name, value] of Object.entries(body.addresses ?? {})) {
    addresses[name] = readAddresses(typeof value === "string" ? [value] : value, document.position(["addresses", name]));
  }
  const accepted = acceptedNames(body.steps);
  const names: ScenarioNames = {
    hosts: new Map(Object.entries(body.hosts).map(([name, host]) => [name, Object.keys(host.interfaces)])),
    addresses: new Set(Object.keys(addresses)),
    sockets: new Set([...Object.keys(body.sockets ?? {}), ...accepted]),
  };
  if (names.hosts.size === 0) throw new InputError("expected a host at least", document.position(["hosts"]));
  const twice = accepted.find((name) => Object.hasOwn(body.sockets ?? {}, name));
  if (twice !== undefined) {
    const position = document.position(["sockets", twice], true);
    throw new InputError(`expected a name of its own, found "${twice}", which is what a step accepts as`, position);
  }
  for (const name of [...names.sockets, ...names.addresses]) {
    if (names.hosts.has(name) && names.addresses.has(name)) {
      throw new InputError(`expected a name of its own, found "${name}", which is a host`, document.position(["addresses", name], true));
    }
  }
  const context: ScenarioContext = { document, names, addresses };
  const hosts = Object.entries(body.hosts).map(([name, host]) => readHost(name, host, ["hosts", name], context));
  checkAddressesOnce(hosts, document);
  const sockets = new Map<string, ScenarioSocket>(
    Object.entries(body.sockets ?? {}).map(([name, socket]) => [name, readSocket(name, socket, hosts, ["sockets", name], document)]),
  );
  const { lose, ...network } = body.network ?? {};
  const loseAt = ["network", "lose"];
  const steps = {
    ...context,
    hosts,
    sockets: new Map(sockets),
    ids: new Set<string>(),
    calls: new Set<string>(),
    filters: new Map(hosts.map((host) => [host.name, new Set(host.filters.map((filter) => filter.name))])),
  };
  return {
    file,
    name: body.scenario,
    title: body.title,
    description: (body.description ?? "").trim().replace(/\s+/g, " "),
    families: (body.families ?? ["v4", "v6"]).map((family) => (family === "v6" ? 6 : 4)),
    windows: body.windows === undefined ? null : (String(body.windows) as WindowsVersion),
    port: body.port ?? PORT,
    network: {
      ...defined(network),
      ...(lose === undefined
        ? {}
        : {
            lose: (typeof lose === "string" ? [lose] : lose).map((line, index) =>
              parsePacket(line, names, document.position(typeof lose === "string" ? loseAt : [...loseAt, index])),
            ),
          }),
    },
    addresses,
    hosts,
    sockets: [...sockets.values()],
    steps: body.steps.map((step, index) => readStep(step, ["steps", index], steps)),
  };
}

/** Two interfaces of one link with one address are a slip: Windows would use neither (duplicate address detection). @throws InputError */
function checkAddressesOnce(hosts: readonly ScenarioHost[], document: SuiteDocument): void {
  const owners = new Map<string, string>();
  for (const host of hosts) {
    for (const { name, link, addresses } of host.interfaces) {
      for (const [at, text] of addresses.entries()) {
        const address = formatAddress(parseAddress(text.split("/", 1)[0] ?? text));
        const key = `${link} ${address}`;
        const owner = owners.get(key);
        if (owner !== undefined) {
          const path = ["hosts", host.name, "interfaces", name, "addresses", at];
          throw new InputError(
            `expected an address that nobody else on its link has, found "${text}", which is ${owner}'s`,
            document.position(path),
          );
        }
        owners.set(key, `${host.name}.${name}`);
      }
    }
  }
}

/** Names that accept steps give, so that steps may name them wherever they stand. */
function acceptedNames(steps: readonly unknown[]): string[] {
  return steps.flatMap((step) => {
    if (typeof step !== "object" || step === null) return [];
    const { as, do: inner } = step as { readonly as?: unknown; readonly do?: unknown };
    return [...(typeof as === "string" ? [as] : []), ...(Array.isArray(inner) ? acceptedNames(inner) : [])];
  });
}

function defined<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined)) as { [K in keyof T]: Exclude<T[K], undefined> };
}
