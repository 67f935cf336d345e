import { readFileSync } from "node:fs";
import { Bfe } from "../../src/engine/index.ts";
import {
  compileFirewall,
  configOfRules,
  type FirewallConfig,
  type FirewallInterface,
  type FirewallProfile,
  mergeRules,
  type SkipReason,
} from "../../src/firewall/index.ts";
import { FIREWALL_PROFILES, type Filter, type FirewallRule, type ImportedRule, PROVIDER_KEY, parseAddress } from "../../src/model/index.ts";
import { readFirewallRules } from "../../src/sources/index.ts";
import { compiledShape, REGISTRY, type RecordedEvent, type Shape, text } from "./recorded-filters.ts";

/** Every rule of the registry export, by id. It is of another machine, but Windows' own rules have the same ids everywhere. */
export function registryRules(): ReadonlyMap<string, ImportedRule> {
  const { rules } = readFirewallRules(readFileSync(REGISTRY), { source: "export" });
  return new Map(rules.map((one) => [one.rule.id, one]));
}

/** Rules that the events name (4945: listed as the service started), filled in from the export; with those that it does not have. */
export function listedRules(events: readonly RecordedEvent[], known: ReadonlyMap<string, ImportedRule>) {
  const rules: FirewallRule[] = [];
  const unknown: { id: string; name: string }[] = [];
  for (const event of events) {
    if (event.EventID !== 4945) continue;
    const [id, name] = [text(event, "RuleId"), text(event, "RuleName")];
    const found = known.get(id);
    // It is listed, hence it was on, and for the profile that was active; the export's owner may have changed both.
    if (found === undefined) unknown.push({ id, name });
    else rules.push({ ...found.rule, name, enabled: true, profiles: FIREWALL_PROFILES });
  }
  return { rules, unknown };
}

export interface Machine {
  readonly profile: FirewallProfile;
  readonly interfaces: readonly FirewallInterface[];
  /** Device of drive C. */
  readonly volume: string;
}

/** Windows 10 of that machine. */
export function machineConfig(rules: readonly FirewallRule[], { profile, interfaces, volume }: Machine): FirewallConfig {
  const windows = "10";
  const config = configOfRules(mergeRules([], { windows }), { windows, interfaces, profiles: [profile] });
  const volumes = { "c:": volume };
  return { ...config, rules, volumes };
}

export interface CompiledRules {
  readonly shapes: readonly Shape[];
  readonly skipped: ReadonlyMap<string, SkipReason>;
}

/** The filters of the rules alone: those that have an origin among them. */
export function compiledRules(config: FirewallConfig): CompiledRules {
  const bfe = new Bfe({ windows: config.windows });
  const { byOrigin, skipped } = compileFirewall(bfe, config);
  const ids = new Set(config.rules.flatMap(({ id }) => byOrigin.get(id) ?? []));
  return { shapes: bfe.policy.filters.filter((filter: Filter) => ids.has(filter.filterId)).map(compiledShape), skipped };
}

/** The machine's own IPv4 address and its system volume, as its connections (5156) tell them; its subnet is taken to be a /24. */
export function recordedMachine(events: readonly RecordedEvent[]): Pick<Machine, "interfaces" | "volume"> {
  const connections = events.filter(({ EventID }) => EventID === 5156);
  const own = connections.map((event) => text(event, "SourceAddress")).find((address) => /^(10|172|192)\./.test(address)) ?? "";
  const path = connections.map((event) => text(event, "Application")).find((one) => one.includes("\\windows\\")) ?? "";
  return {
    interfaces: [{ alias: "Ethernet", luid: 1n, quarantineEpoch: 1n, addresses: [{ address: parseAddress(own), prefixLength: 24 }] }],
    volume: path.slice(0, path.indexOf("\\windows\\")),
  };
}

export const isOfRules = ({ provider }: Shape): boolean => provider === PROVIDER_KEY.MPSSVC_WF;

/** Windows names variants of one rule by where they count: `-NoScope` that of the domain, `-Domain-Active` and the like. */
const stem = (id: string): string => id.replace(/-(NoScope|PlayToScope|(Public|Private|Domain)-Active)$/, "");

/** The variants that the export has for the domain profile of rules that were listed for another. */
export function domainRules(listed: readonly FirewallRule[], known: ReadonlyMap<string, ImportedRule>): FirewallRule[] {
  const names = new Map(listed.map(({ id, name }) => [stem(id), name]));
  return [...known.values()].flatMap(({ rule, store }) => {
    const name = names.get(stem(rule.id));
    return name === undefined || store !== "local" || !rule.profiles.includes("domain") ? [] : [{ ...rule, name, enabled: true }];
  });
}

/** The filters of the export's rules for services, without those in `refused`. */
export function compiledHardening(known: ReadonlyMap<string, ImportedRule>, refused: ReadonlySet<string>, machine: Machine) {
  const rules = [...known.values()].filter(({ store, rule }) => store.startsWith("service") && !refused.has(rule.id));
  const { hardening } = mergeRules([{ source: "export", format: "reg", rules, profiles: [], diagnostics: [] }], { windows: "10" });
  const config = { ...machineConfig([], machine), hardening };
  const bfe = new Bfe({ windows: config.windows });
  compileFirewall(bfe, config);
  const shapes = bfe.policy.filters.filter(({ providerKey }) => providerKey === PROVIDER_KEY.MPSSVC_WSH).map(compiledShape);
  return { shapes, ruleNames: new Set(hardening.rules.map(({ name }) => name)) };
}
