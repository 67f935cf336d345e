import { Bfe } from "../engine/index.ts";
import {
  compileFirewall,
  defaultConfig,
  FIREWALL_PROFILES,
  type FirewallConfig,
  type FirewallProfile,
  type FirewallRule,
  parseRuleNotation,
} from "../firewall/index.ts";
import {
  type AppliedChange,
  didYouMean,
  type Filter,
  type Guid,
  InputError,
  type Policy,
  type PolicyChange,
  parseGuid,
  type WindowsVersion,
} from "../model/index.ts";
import { plural } from "../report/index.ts";
import type { LoadedPolicy } from "./load-policy.ts";
import { addRuleToPolicy } from "./what-if-add-rule.ts";

/** A policy and, where it was compiled from rules, what it was compiled from: changes are then made to the rules. */
export interface ChangeablePolicy {
  readonly policy: Policy;
  readonly config: FirewallConfig | undefined;
}

export interface ChangedPolicy extends ChangeablePolicy {
  readonly applied: readonly AppliedChange[];
}

/** The configuration behind a policy that ships with wfplab; undefined for others. */
export function shippedConfig(
  source: string | undefined,
  kind: "desktop" | "server",
  windows: WindowsVersion | undefined,
): FirewallConfig | undefined {
  const which = source === undefined ? kind : source === "@desktop" ? "desktop" : source === "@server" ? "server" : undefined;
  return which === undefined ? undefined : defaultConfig(which, windows === undefined ? {} : { windows });
}

/** The configuration that a loaded policy was compiled from, where there is one. */
export function configOf(
  loaded: LoadedPolicy & { readonly config?: FirewallConfig },
  source: string | undefined,
  kind: "desktop" | "server",
  windows: WindowsVersion | undefined,
): FirewallConfig | undefined {
  return loaded.config ?? shippedConfig(source, kind, windows);
}

/** Compiles a configuration as the policy `source`. */
export function compileConfig(config: FirewallConfig, source: string): Policy {
  const bfe = new Bfe({ windows: config.windows, phase: "running" });
  compileFirewall(bfe, config);
  return { ...bfe.policy, source };
}

/**
 * A policy with changes: of rules where it was compiled from rules, of filters where it is a dump. `profile` makes one profile the only
 * active one, which in a dump only the flows can be (their part is the caller's).
 * @throws InputError for a rule that cannot be read, or a name that nothing has.
 */
export function changePolicy(base: ChangeablePolicy, changes: readonly PolicyChange[], profile?: FirewallProfile): ChangedPolicy {
  if (changes.length === 0 && profile === undefined) return { ...base, applied: [] };
  const applied: AppliedChange[] = [];
  let { policy, config } = base;
  if (config !== undefined) {
    const dropped: Filter[] = [];
    for (const change of changes) config = changeRules(config, policy, change, dropped, applied);
    if (profile !== undefined) config = { ...config, activeProfiles: [profile] };
    const compiled = compileConfig(config, changedName(base.policy.source));
    const gone = new Set(dropped.map((filter) => filter.key));
    const filters = compiled.filters.filter((filter) => !gone.has(filter.key));
    policy = { ...compiled, filters };
    return { policy, config, applied: applied.map((one) => countEffect(one, base.policy, policy)) };
  }
  for (const change of changes) policy = changeFilters(policy, change, applied);
  return { policy: { ...policy, source: changedName(base.policy.source) }, config: undefined, applied };
}

function changedName(source: string): string {
  return source.endsWith(", changed") ? source : `${source}, changed`;
}

/** The rule that a change adds: its id is its text, which then stands as the origin of its filters. */
function addedRule(change: PolicyChange, rules: readonly Pick<FirewallRule, "id">[]): FirewallRule {
  const rule = parseRuleNotation(change.text, {}, change.position);
  if (rules.some(({ id }) => id === rule.id)) throw new InputError(`with: expected the rule "${change.text}" once`, change.position);
  return rule;
}

function changeRules(
  config: FirewallConfig,
  policy: Policy,
  change: PolicyChange,
  dropped: Filter[],
  applied: AppliedChange[],
): FirewallConfig {
  const { kind, text } = change;
  if (kind === "with") {
    const rule = addedRule(change, config.rules);
    applied.push({ change, effect: rule.id });
    return { ...config, rules: [...config.rules, rule] };
  }
  const rules = rulesNamed(config.rules, text, policy);
  if (rules.length === 0) {
    const filters = filtersNamed(policy, text);
    if (kind !== "without" || filters.length === 0) throw unknownName(change, kind === "without", config.rules, policy);
    dropped.push(...filters);
    applied.push({ change, effect: `${plural(filters.length, "filter")} of no rule removed` });
    return config;
  }
  const names = [...new Set(rules.map((rule) => `"${rule.name}"`))].join(", ");
  if (kind === "without") {
    applied.push({ change, effect: `${plural(rules.length, "rule")} removed: ${names}` });
    return { ...config, rules: config.rules.filter((rule) => !rules.includes(rule)) };
  }
  const enabled = kind === "enable";
  const already = rules.every((rule) => rule.enabled === enabled);
  applied.push({
    change,
    effect: already
      ? `no change: ${names} ${rules.length === 1 ? "is" : "are"} ${enabled ? "on" : "off"} already`
      : `${names} switched ${enabled ? "on" : "off"}`,
  });
  return { ...config, rules: config.rules.map((rule) => (rules.includes(rule) ? { ...rule, enabled } : rule)) };
}

/** Says how many filters a rule that was added came to. */
function countEffect(one: AppliedChange, before: Policy, after: Policy): AppliedChange {
  if (one.change.kind !== "with") return one;
  const filters = after.filters.filter((filter) => filter.origin === one.effect).length;
  const none = filters === 0 ? "; nothing comes of it: outbound is open by default, or no active profile is the rule's" : "";
  return { ...one, effect: `${plural(filters, "filter")} added (${before.filters.length} before, ${after.filters.length} now)${none}` };
}

function changeFilters(policy: Policy, change: PolicyChange, applied: AppliedChange[]): Policy {
  const { kind, text } = change;
  if (kind === "with") {
    const after = addRuleToPolicy(
      policy,
      addedRule(
        change,
        policy.filters.flatMap(({ origin }) => (origin === null ? [] : [{ id: origin }])),
      ),
    );
    applied.push({ change, effect: `${plural(after.filters.length - policy.filters.length, "filter")} added` });
    return after;
  }
  const named = filtersNamed(policy, text);
  if (kind === "enable") {
    throw new InputError(
      named.length > 0
        ? `"${text}" is on already: ${plural(named.length, "filter")} of it ${named.length === 1 ? "is" : "are"} in ${policy.source}`
        : `"${text}" cannot be switched on: a dump holds filters, and a rule that is off has none; --with adds a rule`,
      change.position,
    );
  }
  if (named.length === 0) throw unknownName(change, true, [], policy);
  const gone = new Set(named);
  applied.push({
    change,
    effect: `${plural(named.length, "filter")} removed: ${[...new Set(named.map(({ name }) => `"${name}"`))].slice(0, 3).join(", ")}`,
  });
  return { ...policy, filters: policy.filters.filter((filter) => !gone.has(filter)) };
}

/** Rules by id or name, or by one of their filters' id or key. */
function rulesNamed(rules: readonly FirewallRule[], text: string, policy: Policy): readonly FirewallRule[] {
  const wanted = text.toLowerCase();
  const direct = rules.filter((rule) => rule.id.toLowerCase() === wanted || rule.name.toLowerCase() === wanted);
  if (direct.length > 0) return direct;
  const origins = new Set(filtersByNumberOrKey(policy, text).map((filter) => filter.origin));
  return rules.filter((rule) => origins.has(rule.id));
}

function filtersByNumberOrKey(policy: Policy, text: string): readonly Filter[] {
  const key: Guid | undefined = parseGuid(text);
  const number = /^#?(0x[0-9a-f]+|\d+)$/i.exec(text)?.[1];
  if (key === undefined && number === undefined) return [];
  return policy.filters.filter((filter) => (key === undefined ? filter.filterId === BigInt(number ?? 0) : filter.key === key));
}

/** Filters by id, key, origin or name. */
export function filtersNamed(policy: Policy, text: string): readonly Filter[] {
  const exact = filtersByNumberOrKey(policy, text);
  if (exact.length > 0) return exact;
  const wanted = text.toLowerCase();
  return policy.filters.filter(({ name, origin }) => name.toLowerCase() === wanted || origin?.toLowerCase() === wanted);
}

function unknownName(
  { kind, text, position }: PolicyChange,
  filtersToo: boolean,
  rules: readonly FirewallRule[],
  policy: Policy,
): InputError {
  const names = [...rules.flatMap((rule) => [rule.name, rule.id]), ...(filtersToo ? policy.filters.map((filter) => filter.name) : [])];
  const what = rules.length === 0 ? "filter or rule" : filtersToo ? "rule or filter" : "rule";
  const head = position.file === undefined ? `--${kind}` : kind;
  return new InputError(`${head}: ${policy.source} has no ${what} "${text}"${didYouMean(text, [...new Set(names)])}`, position);
}

/** The profiles in which a policy's filters tell flows apart; all where they do not. */
export function activeProfilesOf(config: FirewallConfig | undefined): readonly FirewallProfile[] {
  return config?.activeProfiles ?? FIREWALL_PROFILES;
}
