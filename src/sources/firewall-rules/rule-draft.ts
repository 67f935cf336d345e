import {
  FIREWALL_PROFILES,
  type FirewallProfile,
  type FirewallRule,
  type ImportedRule,
  InputError,
  type RulePlatform,
  type RuleStore,
} from "../../model/index.ts";

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** A rule while a reader goes through what the file says of it. */
export interface RuleDraft {
  readonly rule: Partial<Mutable<FirewallRule>>;
  readonly platforms: RulePlatform[];
  readonly extras: string[];
  version: string | null;
  policy: string | null;
}

export function newDraft(): RuleDraft {
  return { rule: {}, platforms: [], extras: [], version: null, policy: null };
}

export interface RulePlace {
  readonly id: string;
  readonly store: RuleStore;
  readonly file: string;
  readonly line: number | null;
}

/**
 * The rule a draft amounts to.
 * @throws InputError where it says no direction or action: nothing can be assumed in their place.
 */
export function finishRule(draft: RuleDraft, place: RulePlace): ImportedRule {
  const { rule } = draft;
  if (rule.direction === undefined) throw new InputError(`rule "${place.id}" has no direction, expected in or out`);
  if (rule.action === undefined) throw new InputError(`rule "${place.id}" has no action, expected allow, block or bypass`);
  const name = readableName(rule.name ?? place.id, place.id);
  return {
    rule: {
      ...rule,
      id: place.id,
      name,
      ...(rule.group === undefined ? {} : { group: readableName(rule.group, rule.group) }),
      direction: rule.direction,
      action: rule.action,
      enabled: rule.enabled ?? true,
      profiles: rule.profiles ?? FIREWALL_PROFILES,
      protocol: rule.protocol ?? "any",
    },
    store: place.store,
    version: draft.version,
    platforms: draft.platforms,
    extras: draft.extras,
    file: place.file,
    line: place.line,
    policy: draft.policy,
  };
}

/**
 * Names are often references to a resource of a DLL (`@FirewallAPI.dll,-25301`) or a package (`@{Name_1.0_x64__pub?ms-resource://…}`), which
 * no export holds. The registry's id is readable then, unless it is a GUID; of a package its name is.
 */
export function readableName(name: string, id: string): string {
  const resource = /^@\{([^?}]+)\?/.exec(name);
  if (resource?.[1] !== undefined) return resource[1].split("_")[0] ?? name;
  return /^@.*,-\d+$/.test(name) && !/^\{?[0-9a-f-]{36}\}?(-|$)/i.test(id) ? id : name;
}

/** Profiles of a list of names; every profile for "any" and "all". */
export function profilesOf(names: readonly string[]): readonly FirewallProfile[] {
  const wanted = names.map((name) => name.trim().toLowerCase());
  if (wanted.some((name) => name === "any" || name === "all" || name === "*")) return FIREWALL_PROFILES;
  for (const name of wanted) {
    if (!FIREWALL_PROFILES.some((profile) => profile === name)) {
      throw new InputError(`expected Domain, Private, Public or Any, found "${name}"`);
    }
  }
  return FIREWALL_PROFILES.filter((profile) => wanted.includes(profile));
}
