import {
  didYouMean,
  FIREWALL_PROFILES,
  type FirewallImport,
  type FirewallProfile,
  type FirewallRule,
  type ImportedKeyword,
  type ImportedProfile,
  type ImportedRule,
  InputError,
  type ProfileSettings,
  type WindowsVersion,
} from "../model/index.ts";
import { programAppId } from "./compile/program-path.ts";
import { platformMatches } from "./platform.ts";
import { DEFAULT_PROFILE_SETTINGS, type FirewallConfig, type ServiceHardening } from "./settings.ts";

/** Why a rule of some store does not become part of the policy, before it is a matter of filters. */
export type MergeReason =
  /** A store above forbids rules of the local store in all profiles of the rule. */
  | "not-merged"
  /** A file that comes later has a rule with its id for its store: the registry, where stores lie, keeps one value of a name. */
  | "replaced"
  /** It is for other versions of Windows. */
  | "platform"
  /** Of AppContainers Windows makes filters for all packages together. */
  | "app-isolation"
  /** Its program's path names a variable that no service can resolve, or what it says cannot be put into one filter. */
  | "not-understood";

/** A rule of a file, with what became of it. */
export interface MergedRule {
  readonly imported: ImportedRule;
  /** With an id that no other rule has, and the profiles in which the rule counts. */
  readonly rule: FirewallRule;
  readonly reason?: MergeReason;
  /** What the reason leaves open, in words. */
  readonly detail?: string;
  /** Id of an earlier rule that says the same. */
  readonly duplicateOf?: string;
}

/** Where a profile's setting comes from. */
export type SettingSource = "group-policy" | "mdm" | "local" | "default";

export interface MergedProfile {
  readonly profile: FirewallProfile;
  readonly settings: ProfileSettings;
  readonly sources: Readonly<Record<keyof ProfileSettings, SettingSource>>;
  /** False: the local store's rules do not count here. */
  readonly allowLocalRules: boolean;
}

/** The rules and settings of all stores of a machine, as the firewall sees them. */
export interface MergedRules {
  readonly rules: readonly MergedRule[];
  readonly profiles: readonly MergedProfile[];
  readonly hardening: ServiceHardening;
}

export interface MergeOptions {
  readonly windows: WindowsVersion;
  readonly environment?: FirewallConfig["environment"];
  readonly volumes?: FirewallConfig["volumes"];
}

/** Stores of settings, the one that wins first. That group policy wins is documented (Firewall CSP); that MDM wins over local is inferred. */
const SETTING_STORES = ["group-policy", "mdm", "local"] as const;

/**
 * Puts the stores of one machine together as Windows does: rules add up, whichever store they are in; settings of group policy replace
 * those of MDM, which replace local ones; `AllowLocalPolicyMerge` off in a profile leaves the local store's rules out of it
 * (MS-GPFAS 2.2.3.13).
 */
export function mergeRules(imports: readonly FirewallImport[], options: MergeOptions): MergedRules {
  const profiles = FIREWALL_PROFILES.map((profile) =>
    mergeProfile(
      profile,
      imports.flatMap((one) => one.profiles),
    ),
  );
  const mergedIn = profiles.filter(({ allowLocalRules }) => allowLocalRules).map(({ profile }) => profile);
  const replaced = replacedRules(imports);
  const ids = idsOf(imports, replaced);
  const contents = new Map<string, string>();
  const rules: MergedRule[] = [];
  const hardening: HardeningDraft = { inbound: [], outbound: [], rules: [] };
  const keywords = new Map(imports.flatMap((one) => one.keywords ?? []).map((keyword) => [keyword.id, keyword]));
  for (const imported of imports.flatMap((one) => one.rules)) {
    const id = ids.get(imported) ?? imported.rule.id;
    const rule: FirewallRule = {
      ...withLists(imported.rule, keywords),
      id,
      profiles:
        imported.store === "local" ? imported.rule.profiles.filter((profile) => mergedIn.includes(profile)) : imported.rule.profiles,
    };
    const obstacle = replaced.has(imported) ? ({ reason: "replaced" } as const) : obstacleOf(imported, rule, options);
    const content = contentOf(rule);
    const duplicateOf = obstacle === undefined && rule.enabled ? contents.get(content) : undefined;
    if (obstacle === undefined && rule.enabled && duplicateOf === undefined) contents.set(content, id);
    rules.push({ imported, rule, ...obstacle, ...(duplicateOf === undefined ? {} : { duplicateOf }) });
    if (obstacle === undefined && isHardening(imported)) harden(rule, hardening);
  }
  const { inbound, outbound } = hardening;
  return { rules, profiles, hardening: { services: [], inboundServices: inbound, outboundServices: outbound, rules: hardening.rules } };
}

export function isHardening({ store }: ImportedRule): boolean {
  return store === "service-static" || store === "service-configurable";
}

/** The rules that become filters of the firewall's own sublayer. */
export function rulesInForce({ rules }: MergedRules): readonly FirewallRule[] {
  return rules.filter(({ imported, reason }) => reason === undefined && !isHardening(imported)).map(({ rule }) => rule);
}

function mergeProfile(profile: FirewallProfile, imported: readonly ImportedProfile[]): MergedProfile {
  const own = imported.filter((one) => one.profile === profile);
  const settings: { -readonly [K in keyof ProfileSettings]: ProfileSettings[K] } = { ...DEFAULT_PROFILE_SETTINGS };
  const sources: Record<keyof ProfileSettings, SettingSource> = {
    enabled: "default",
    defaultInboundAction: "default",
    defaultOutboundAction: "default",
    allowInboundRules: "default",
    stealth: "default",
    notifyOnListen: "default",
  };
  let allowLocalRules = true;
  for (const store of [...SETTING_STORES].reverse()) {
    for (const one of own.filter((other) => other.store === store)) {
      Object.assign(settings, one.settings);
      for (const key of Object.keys(sources) as (keyof ProfileSettings)[]) if (one.settings[key] !== undefined) sources[key] = store;
      // A machine's own store cannot forbid itself.
      if (store !== "local" && one.allowLocalRules !== undefined) allowLocalRules = one.allowLocalRules;
    }
  }
  return { profile, settings, sources, allowLocalRules };
}

/** Of several files for one store the later ones replace what has the same id, as group policy objects do. netsh's text has no ids. */
function replacedRules(imports: readonly FirewallImport[]): ReadonlySet<ImportedRule> {
  const last = new Map<string, FirewallImport>();
  const identity = ({ store, rule }: ImportedRule) => `${store} ${rule.id.toLowerCase()}`;
  const named = imports.filter(({ format }) => format !== "netsh");
  for (const one of named) for (const rule of one.rules) last.set(identity(rule), one);
  return new Set(named.flatMap((one) => one.rules.filter((rule) => last.get(identity(rule)) !== one)));
}

/** Stores number their rules on their own, so that two may have the same id; what is replaced gives way. */
function idsOf(imports: readonly FirewallImport[], replaced: ReadonlySet<ImportedRule>): ReadonlyMap<ImportedRule, string> {
  const taken = new Set<string>();
  const all = imports.flatMap(({ rules }) => rules);
  const ordered = [...all.filter((rule) => !replaced.has(rule)), ...replaced];
  return new Map(ordered.map((imported) => [imported, uniqueId(imported, taken)]));
}

function uniqueId({ rule, store }: ImportedRule, taken: Set<string>): string {
  let id = rule.id;
  if (taken.has(id)) id = `${store}:${rule.id}`;
  for (let count = 2; taken.has(id); count++) id = `${store}:${rule.id} (${count})`;
  taken.add(id);
  return id;
}

/** A rule with the addresses of the lists it refers to, if all of them are known; those that Windows resolves by itself are not. */
function withLists({ dynamicAddresses, ...rule }: FirewallRule, keywords: ReadonlyMap<string, ImportedKeyword>): FirewallRule {
  if (dynamicAddresses === undefined) return rule;
  const lists = dynamicAddresses.map((id) => keywords.get(id)?.addresses ?? undefined);
  if (!lists.every((list) => list !== undefined)) return { ...rule, dynamicAddresses };
  return { ...rule, remoteAddresses: [...(rule.remoteAddresses ?? []), ...lists.flat()] };
}

/** What a rule says of its program that no flow tells: without it the rule would be for any. */
const TAGS = /^(PolicyAppId|Fqbn)=(.*)$/i;

function obstacleOf(
  imported: ImportedRule,
  rule: FirewallRule,
  options: MergeOptions,
): { reason: MergeReason; detail?: string } | undefined {
  if (imported.store === "app-isolation") return { reason: "app-isolation" };
  const platform = platformMatches(imported, options.windows);
  if (platform !== undefined) return { reason: "platform", detail: platform };
  if (rule.profiles.length === 0 && imported.rule.profiles.length > 0) return { reason: "not-merged" };
  if (rule.service !== undefined && rule.localUsers !== undefined) {
    return { reason: "not-understood", detail: "it is for a service and for users, which one filter cannot tell together" };
  }
  const [, tag, value] = imported.extras.map((extra) => TAGS.exec(extra)).find((found) => found !== null) ?? [];
  if (tag !== undefined) return { reason: "not-understood", detail: `it is for programs by ${tag} (${value}), which no flow tells` };
  if (rule.program === undefined) return undefined;
  try {
    programAppId(rule.program, options);
    return undefined;
  } catch (error) {
    if (error instanceof InputError) return { reason: "not-understood", detail: error.message };
    throw error;
  }
}

/** What a rule does, without what it is called. */
function contentOf(rule: FirewallRule): string {
  const { id: _id, name: _name, description: _description, group: _group, ...rest } = rule;
  return JSON.stringify(
    Object.entries(rest).sort(([a], [b]) => (a < b ? -1 : 1)),
    (_key, value: unknown) => (value instanceof Uint8Array ? Array.from(value) : value),
  );
}

interface HardeningDraft {
  readonly inbound: string[];
  readonly outbound: string[];
  readonly rules: FirewallRule[];
}

/** Blocks of all that a service does become one filter for all services; other rules have filters of their own, as recorded machines show. */
function harden(rule: FirewallRule, draft: HardeningDraft): void {
  if (!rule.enabled) return;
  const { service, action, direction, protocol, localPorts, remotePorts, localAddresses, remoteAddresses } = rule;
  const narrowed = [localPorts, remotePorts, localAddresses, remoteAddresses].some((list) => list !== undefined) || protocol !== "any";
  if (action === "block" && service !== undefined && service !== "*" && !narrowed)
    draft[direction === "in" ? "inbound" : "outbound"].push(service);
  else draft.rules.push(rule);
}

/** A rule by id or, where just one has it, by name. @throws InputError where there is none. */
export function findMerged({ rules }: MergedRules, text: string): MergedRule {
  const wanted = text.toLowerCase();
  const found = rules.find(({ rule }) => rule.id.toLowerCase() === wanted) ?? rules.find(({ rule }) => rule.name.toLowerCase() === wanted);
  if (found !== undefined) return found;
  throw new InputError(
    `no rule is called "${text}"${didYouMean(
      text,
      rules.flatMap(({ rule }) => [rule.id, rule.name]),
    )}`,
  );
}
