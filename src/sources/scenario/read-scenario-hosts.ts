import {
  didYouMean,
  InputError,
  type InputPosition,
  isSid,
  packageSid,
  parseIpv4,
  parseIpv6,
  parseSuiteCondition,
  type ScenarioAddresses,
  type ScenarioCallout,
  type ScenarioFilter,
  type ScenarioHost,
  type ScenarioInterface,
  type ScenarioProcess,
  type ScenarioSocket,
  sidOfAccount,
  type WindowsVersion,
} from "../../model/index.ts";
import type { Path, SuiteDocument } from "../suite/suite-document.ts";
import { parseEndpoint, type ScenarioNames } from "./endpoint-notation.ts";
import { checkedLayer, placeOf } from "./expect-notation.ts";
import type { FilterBody, HostBody, InterfaceBody, SocketBody } from "./scenario-schema.ts";

/** What the readers of a scenario's parts share. */
export interface ScenarioContext {
  readonly document: SuiteDocument;
  readonly names: ScenarioNames;
  readonly addresses: Readonly<Record<string, ScenarioAddresses>>;
}

/** Policies that need no file. */
const SHIPPED = ["@desktop", "@server", "@bare"];

const FIRST_INDEX = 12;
const PROCESS_ID = 4321;

/** A host, its interfaces, processes and filters. */
export function readHost(name: string, body: HostBody, path: Path, context: ScenarioContext): ScenarioHost {
  const { document } = context;
  const interfaces = Object.entries(body.interfaces);
  if (interfaces.length === 0) throw new InputError("expected an interface at least", document.position([...path, "interfaces"]));
  const policyAt = document.position([...path, "policy"]);
  const { policy = "@bare" } = body;
  if (policy.startsWith("@") && !SHIPPED.includes(policy)) {
    throw new InputError(`expected a netsh file, ${SHIPPED.join(", ")}, found "${policy}"${didYouMean(policy, SHIPPED)}`, policyAt);
  }
  const subLayers = body.sublayers ?? [];
  const filters = (body.filters ?? []).map((filter, index) => readFilter(filter, [...path, "filters", index], context));
  return {
    name,
    windows: body.windows === undefined ? null : (String(body.windows) as WindowsVersion),
    policy,
    policyAt: placeOf(policyAt),
    interfaces: interfaces.map(([interfaceName, item], index) =>
      readInterface(interfaceName, item, FIRST_INDEX + index, [...path, "interfaces", interfaceName], document),
    ),
    processes: Object.entries(body.processes ?? { program: "C:\\Program Files\\Program\\program.exe" }).map(([process, item], index) =>
      readProcess(process, item, PROCESS_ID + index, document.position([...path, "processes", process])),
    ),
    subLayers,
    filters,
    allLayers: body.allLayers ?? false,
    classifyAllow: body.classifyAllow ?? false,
  };
}

function readInterface(name: string, body: InterfaceBody, index: number, path: Path, document: SuiteDocument): ScenarioInterface {
  const { addresses, gateways = [] } = body;
  for (const [at, text] of addresses.entries()) checkAddress(text, document.position([...path, "addresses", at]));
  for (const [at, text] of gateways.entries()) {
    if (familyOf(text) === undefined) {
      throw new InputError(`expected an IP address, found "${text}"`, document.position([...path, "gateways", at]));
    }
  }
  return {
    name,
    index: body.index ?? index,
    addresses,
    profile: body.profile ?? "public",
    link: body.link ?? "network",
    mtu: body.mtu ?? 1500,
    gateways,
    forwarding: body.forwarding ?? false,
    weakHostSend: body.weakHostSend ?? false,
    weakHostReceive: body.weakHostReceive ?? false,
    up: body.up ?? true,
  };
}

/** `192.0.2.10/24`. @throws InputError */
export function checkAddress(text: string, position: InputPosition): void {
  const [address = "", prefix, ...rest] = text.split("/");
  const family = familyOf(address);
  const longest = family === 4 ? 32 : 128;
  const isPrefix = prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= longest);
  if (family === undefined || !isPrefix || rest.length > 0) {
    throw new InputError(`expected an IP address and the length of its prefix, as in 192.0.2.10/24, found "${text}"`, position);
  }
}

function familyOf(address: string): 4 | 6 | undefined {
  return parseIpv4(address) !== undefined ? 4 : parseIpv6(address) !== undefined ? 6 : undefined;
}

/** `group: [239.1.2.3, ff15::123]`: at most one of each IP version. @throws InputError */
export function readAddresses(texts: readonly string[], position: InputPosition): ScenarioAddresses {
  const found: { 4?: string; 6?: string } = {};
  for (const text of texts) {
    const family = familyOf(text);
    if (family === undefined) throw new InputError(`expected an IP address, found "${text}"`, position);
    if (found[family] !== undefined)
      throw new InputError(`expected one IPv${family} address, found ${found[family]} and ${text}`, position);
    found[family] = text;
  }
  return found;
}

type ProcessBody = NonNullable<HostBody["processes"]>[string];

function readProcess(name: string, body: ProcessBody, id: number, position: InputPosition): ScenarioProcess {
  const { path, id: told, user, package: container } = typeof body === "string" ? ({ path: body } as const) : body;
  return {
    name,
    path,
    id: told ?? id,
    user: user === undefined ? null : accountSid(user, position),
    package: container === undefined ? null : isSid(container) ? container : packageSid(container),
  };
}

function accountSid(text: string, position: InputPosition): string {
  const sid = isSid(text) ? text : sidOfAccount(text);
  if (sid === undefined)
    throw new InputError(
      `user: expected a SID or an account Windows has everywhere, as in NT AUTHORITY\\SYSTEM, found "${text}"`,
      position,
    );
  return sid;
}

/** A filter of a host, or one that a step adds. */
export function readFilter(body: FilterBody, path: Path, context: ScenarioContext): ScenarioFilter {
  const { document } = context;
  const { name, action, weight } = body;
  const calloutAt = document.position([...path, "callout"]);
  if (action === "callout" && body.callout === undefined) throw new InputError("expected callout: what it does", document.position(path));
  if (action !== "callout" && body.callout !== undefined) throw new InputError(`expected action: callout, found "${action}"`, calloutAt);
  const conditions = (body.conditions ?? []).map((text, index) => {
    const position = document.position([...path, "conditions", index]);
    // What stands for a variable is known when it is played; whether the rest makes sense is known now.
    parseSuiteCondition(withVariables(text, context, position), position);
    return { text, at: placeOf(position) };
  });
  return {
    name,
    at: placeOf(document.position(path)),
    layer: checkedLayer(body.layer, document.position([...path, "layer"])),
    action: body.callout === undefined ? (action === "block" ? "block" : "permit") : readCallout(body.callout, calloutAt, context),
    subLayer: body.sublayer ?? null,
    weight: weight === undefined ? null : readWeight(String(weight), document.position([...path, "weight"])),
    hard: body.hard ?? false,
    conditions,
  };
}

/** A condition with a port and addresses in the place of what stands for them. */
function withVariables(text: string, { names }: ScenarioContext, position: InputPosition): string {
  return text.replace(/\$([A-Za-z][\w.-]*)/g, (_, name: string) => {
    if (name === "port" || name === "otherPort") return "1";
    const host = name.split(".")[0] ?? "";
    if (names.hosts.has(name) || names.hosts.has(host) || names.addresses.has(name)) return /V6|::/.test(text) ? "::1" : "192.0.2.1";
    const known = ["port", "otherPort", ...names.hosts.keys(), ...names.addresses];
    throw new InputError(`expected $port, $otherPort or $ and a host or address, found "$${name}"${didYouMean(name, known)}`, position);
  });
}

function readWeight(text: string, position: InputPosition): string {
  const value = /^(0x[0-9a-f]{1,16}|\d{1,20})$/i.test(text) ? BigInt(text) : undefined;
  if (value === undefined || value > 0xffff_ffff_ffff_ffffn)
    throw new InputError(`expected a weight from 0 to 2^64-1, found "${text}"`, position);
  return value.toString();
}

/** Options of FWPM_CLASSIFY_OPTIONS_CONTEXT (FWP_CLASSIFY_OPTION_…). */
const OPTIONS = [
  "MULTICAST_STATE",
  "LOOSE_SOURCE_MAPPING",
  "UNICAST_LIFETIME",
  "MCAST_BCAST_LIFETIME",
  "SECURE_SOCKET_SECURITY_FLAGS",
  "SECURE_SOCKET_AUTHIP_MM_POLICY_KEY",
  "SECURE_SOCKET_AUTHIP_QM_POLICY_KEY",
];

function readCallout(body: NonNullable<FilterBody["callout"]>, position: InputPosition, { names }: ScenarioContext): ScenarioCallout {
  if (body === "pend") return { does: "pend", after: null, decision: "permit" };
  if (typeof body === "string") return { does: body, hard: false, absorb: false };
  if ("does" in body) return { does: body.does, hard: body.hard ?? false, absorb: body.absorb ?? false };
  if ("pend" in body) return { does: "pend", after: body.pend.after, decision: body.pend.with ?? "permit" };
  if ("redirect" in body) {
    const to = parseEndpoint(body.redirect, names, position);
    if (to.port === null) throw new InputError(`redirect: expected a port, as in ${body.redirect}:3128`, position);
    return { does: "redirect", to, processId: body.process ?? null };
  }
  for (const name of Object.keys(body.options)) {
    if (!OPTIONS.includes(name))
      throw new InputError(`options: expected ${OPTIONS.join(", ")}, found "${name}"${didYouMean(name, OPTIONS)}`, position);
  }
  return { does: "set-options", options: body.options };
}

/** A socket of the scenario. */
export function readSocket(
  name: string,
  body: SocketBody,
  hosts: readonly ScenarioHost[],
  path: Path,
  document: SuiteDocument,
): ScenarioSocket {
  const host = hosts.find((candidate) => candidate.name === body.host);
  if (host === undefined) {
    const known = hosts.map((candidate) => candidate.name);
    throw new InputError(`expected a host (${known.join(", ")}), found "${body.host}"`, document.position([...path, "host"]));
  }
  const names = host.processes.map((process) => process.name);
  const process = body.process ?? names[0] ?? "";
  if (!names.includes(process)) {
    throw new InputError(
      `expected a process of ${host.name} (${names.join(", ")}), found "${process}"`,
      document.position([...path, "process"]),
    );
  }
  if (body.process === undefined && names.length > 1) {
    throw new InputError(`expected process: one of ${names.join(", ")}`, document.position(path));
  }
  const { protocol = "tcp", family } = body;
  return {
    name,
    host: host.name,
    process,
    protocol: typeof protocol === "string" ? protocol : "raw",
    number: typeof protocol === "string" ? (protocol === "tcp" ? 6 : 17) : protocol.raw,
    family: family === undefined ? null : family === "v6" ? 6 : 4,
    dualStack: body.dualStack ?? false,
  };
}
