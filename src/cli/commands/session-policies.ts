import { dirname } from "node:path";
import { builtInPolicy } from "../../engine/index.ts";
import {
  type AppliedChange,
  InputError,
  type Interpretation,
  type Policy,
  type ScenarioHost,
  type WindowsVersion,
} from "../../model/index.ts";
import { parseInterpretation } from "../interpretation-option.ts";
import type { CliIo } from "../io.ts";
import { type LoadedPolicy, loadPolicy, warn, windowsOf } from "../load-policy.ts";
import { sourceIn } from "../policy-files.ts";
import { isWhatIf } from "../what-if-flags.ts";
import { whatIfPolicy } from "../what-if-load.ts";
import type { SessionFlags } from "./session-command.ts";
import type { ChosenScenario } from "./session-scenario.ts";

/** What a scenario and the command line call a host without any filter of a policy. */
const BARE = "@bare";

/** The policies of all hosts, and what they were before what-if flags changed one. */
export interface SessionPolicies {
  readonly hosts: ReadonlyMap<string, HostPolicy>;
  /** Version of hosts for which nobody names one. */
  readonly usualWindows: WindowsVersion;
  readonly applied: readonly AppliedChange[] | null;
  /** Whether somebody has put another policy in the place of one of the scenario's. */
  readonly isReplaced: boolean;
}

export interface HostPolicy {
  readonly loaded: LoadedPolicy;
  readonly before: LoadedPolicy;
  /** undefined: the one that ships. */
  readonly source: string | undefined;
  readonly kind: "desktop" | "server";
  /** No policy at all: the host has the filters of the scenario only. */
  readonly isBare: boolean;
}

/** Reads the policies of a scenario's hosts, each file once. @throws InputError with file and line. */
export async function sessionPolicies(io: CliIo, flags: SessionFlags, chosen: ChosenScenario): Promise<SessionPolicies> {
  const { scenario } = chosen;
  const told = toldPolicies(flags, scenario.hosts);
  const interpretation = parseInterpretation(flags.interpretation ?? []);
  const loaded = new Map<string, LoadedPolicy>();
  const hosts = new Map<string, HostPolicy>();
  for (const host of scenario.hosts) {
    const source = told.get(host.name) ?? flags.policy ?? sourceOf(io, host, chosen);
    const kind = host.policy === "@server" ? "server" : "desktop";
    // The scenarios' own policies are nobody's machine: that is worth a remark, and one that was asked for is not.
    const key = source ?? `of ${kind}`;
    const windows = flags.windows ?? host.windows ?? scenario.windows ?? undefined;
    const loading: Loading = { kind, windows, strict: flags.strict, interpretation };
    const isOfFile = !told.has(host.name) && flags.policy === undefined;
    const policy =
      loaded.get(key) ?? (await load(io, source, loading).catch(isOfFile ? (error) => complain(error, host, scenario.file) : undefined));
    if (!loaded.has(key)) warn(io, policy.policy);
    loaded.set(key, policy);
    hosts.set(host.name, { loaded: policy, before: policy, source, kind, isBare: source === BARE });
  }
  const deciding = hosts.get("server") ?? [...hosts.values()].find(({ isBare }) => !isBare);
  const usualWindows = flags.windows ?? (deciding === undefined ? "11" : windowsOf(deciding.loaded.policy));
  const applied = await change(flags, hosts);
  return { hosts, usualWindows, applied, isReplaced: told.size > 0 || flags.policy !== undefined || applied !== null };
}

interface Loading {
  readonly kind: "desktop" | "server";
  readonly windows: WindowsVersion | undefined;
  readonly strict: boolean;
  readonly interpretation: Partial<Interpretation>;
}

async function load(io: CliIo, source: string | undefined, loading: Loading): Promise<LoadedPolicy> {
  if (source === BARE) return { policy: builtInPolicy(loading.windows ?? "11"), remarks: [] };
  return loadPolicy(io, source, loading);
}

/** A file that cannot be read is a mistake of the scenario where that names it. */
function complain(error: unknown, { policyAt: [line, column] }: ScenarioHost, file: string): never {
  if (!(error instanceof InputError) || error.position.line !== undefined) throw error;
  throw new InputError(`policy: ${error.describe()}`, { file, line, column });
}

/** What the command line says of single hosts. @throws InputError for a host that the scenario does not have. */
function toldPolicies(flags: SessionFlags, hosts: readonly ScenarioHost[]): ReadonlyMap<string, string> {
  const told = new Map<string, string>();
  const names = hosts.map(({ name }) => name);
  const add = (host: string, source: string | undefined, option: string) => {
    if (source === undefined) return;
    if (!names.includes(host)) throw new InputError(`${option}: expected a host of the scenario (${names.join(", ")}), found "${host}"`);
    told.set(host, source);
  };
  add("client", flags.clientPolicy, "--client-policy");
  add("server", flags.serverPolicy, "--server-policy");
  for (const text of flags.hostPolicy ?? []) {
    const [, host, source] = /^([^=]+)=(.+)$/.exec(text) ?? [];
    if (host === undefined) throw new InputError(`--host-policy: expected HOST=FILE, found "${text}"`);
    add(host, source, "--host-policy");
  }
  return told;
}

/** What the scenario says; a file is looked for beside it. undefined: the one that ships, for a host of a built-in scenario. */
function sourceOf(io: CliIo, { policy }: ScenarioHost, { scenario, isBuiltIn }: ChosenScenario): string | undefined {
  if (policy === BARE) return BARE;
  if (isBuiltIn) return undefined;
  return sourceIn(io, dirname(scenario.file), policy);
}

/** Changes the policy of the host that the what-if flags are about; null where there are none. */
async function change(flags: SessionFlags, hosts: Map<string, HostPolicy>): Promise<readonly AppliedChange[] | null> {
  // --profile is the network's here, as it always was.
  const { profile: _, change: told, ...rest } = flags;
  if (!isWhatIf(rest)) return null;
  const [only, ...others] = [...hosts].filter(([, { isBare }]) => !isBare).map(([host]) => host);
  const name = told ?? (hosts.has("server") || only === undefined || others.length > 0 ? "server" : only);
  const host = hosts.get(name);
  if (host === undefined)
    throw new InputError(`--change: expected a host of the scenario (${[...hosts.keys()].join(", ")}), found "${name}"`);
  const changed = await whatIfPolicy(host.before, host.source, host.kind, rest);
  if (changed === undefined) return null;
  hosts.set(name, { ...host, loaded: changed.loaded, isBare: false });
  return changed.applied;
}

/** What is to be said about the policies; a remark that is not about all of them names its host. */
export function policyRemarks(hosts: ReadonlyMap<string, HostPolicy>): string[] {
  const entries = [...hosts].map(([name, { loaded }]): [string, readonly string[]] => [name, loaded.remarks]);
  const common = entries[0]?.[1].filter((remark) => entries.every(([, remarks]) => remarks.includes(remark))) ?? [];
  const single = entries.flatMap(([name, remarks]) =>
    remarks.filter((remark) => !common.includes(remark)).map((remark) => `${name}: ${remark}`),
  );
  return [...common, ...single];
}

/** By host, for the play: those that have one. */
export function playedPolicies(hosts: ReadonlyMap<string, HostPolicy>, which: "loaded" | "before"): ReadonlyMap<string, Policy> {
  return new Map([...hosts].flatMap(([name, host]) => (host.isBare ? [] : [[name, host[which].policy]])));
}
