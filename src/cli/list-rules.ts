import { Bfe } from "../engine/index.ts";
import {
  compileFirewall,
  configOfRules,
  isHardening,
  type MergedRule,
  mergeRules,
  type SkipReason,
  windowsOfRules,
} from "../firewall/index.ts";
import type {
  FirewallImport,
  FirewallProfile,
  FirewallRule,
  InertReason,
  ListedProfile,
  ListedRule,
  RuleListing,
  WindowsVersion,
} from "../model/index.ts";

export interface ListRulesOptions {
  /** What the rules' schema tells, or else 11, where absent. */
  readonly windows?: WindowsVersion | undefined;
  /** The profile of the one network that is attached; one of each where absent. */
  readonly profile?: FirewallProfile | undefined;
}

const DETAIL: Readonly<Record<InertReason, string>> = {
  disabled: "it is switched off",
  platform: "it is for other versions of Windows",
  "not-merged": "group policy or MDM leaves local rules out of all its profiles (AllowLocalPolicyMerge)",
  replaced: "a file given later has a rule of this id for the same store, which replaces it",
  "app-isolation": "Windows makes filters for all packages together of the rules that isolate them",
  "not-understood": "what it says cannot be put into a filter",
  "no-active-profile": "no network of its profiles is attached",
  "firewall-off": "the firewall is off in its profiles",
  "shields-up": "its profiles block all inbound traffic (shields up)",
  "default-permits": "it allows outbound traffic, which is open anyway",
  "nothing-to-match": "what it names is not on this machine: an interface, an address or a port that only Windows knows",
  duplicate: "an earlier rule says the same",
};

/** What has become of every rule of a machine's files, and the settings they leave. @throws InputError for a rule that cannot be compiled. */
export function listRules(imports: readonly FirewallImport[], { windows: told, profile }: ListRulesOptions): RuleListing {
  const windows = told ?? windowsOfRules(imports.flatMap(({ rules }) => rules)) ?? "11";
  const merged = mergeRules(imports, { windows });
  const config = configOfRules(merged, { windows, ...(profile === undefined ? {} : { profiles: [profile] }) });
  const { byOrigin, skipped } = compileFirewall(new Bfe({ windows, phase: "running" }), config);
  const profiles = merged.profiles.filter((one) => profile === undefined || one.profile === profile);
  return {
    windows,
    files: imports.map(({ source, format, rules, diagnostics }) => ({ source, format, rules: rules.length, diagnostics })),
    profiles,
    rules: merged.rules.map((one) => listed(one, skipped, byOrigin, profiles)),
  };
}

function listed(
  { imported, rule, reason, detail, duplicateOf }: MergedRule,
  skipped: ReadonlyMap<string, SkipReason>,
  byOrigin: ReadonlyMap<string, readonly bigint[]>,
  settings: readonly ListedProfile[],
): ListedRule {
  const hardening = isHardening(imported);
  const why: InertReason | undefined = !rule.enabled ? "disabled" : (reason ?? (hardening ? undefined : skipped.get(rule.id)));
  const filters = hardening ? null : (byOrigin.get(rule.id)?.length ?? 0);
  const none = { rule, imported, filters, profiles: [] };
  if (why !== undefined) return { ...none, inert: { reason: why, detail: detail ?? DETAIL[why] } };
  if (duplicateOf !== undefined) return { ...none, inert: { reason: "duplicate", detail: `${duplicateOf} says the same` } };
  // Services are held to their rules whatever the profile.
  const profiles = hardening ? rule.profiles : settings.filter((one) => counts(rule, one)).map(({ profile }) => profile);
  return { rule, imported, filters, profiles, inert: null };
}

/** Whether a rule has filters for a profile: what is open or closed anyway needs none. */
function counts({ profiles, direction, action }: FirewallRule, { profile, settings }: ListedProfile): boolean {
  if (!profiles.includes(profile) || !settings.enabled) return false;
  if (action === "block") return true;
  if (direction === "in") return settings.allowInboundRules;
  // What overrides block rules does so where outbound is open, too.
  return action === "bypass" || settings.defaultOutboundAction === "block";
}
