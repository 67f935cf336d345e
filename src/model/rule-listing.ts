import type { FirewallFormat, ImportedRule } from "./firewall-import.ts";
import type { FirewallProfile, ProfileSettings } from "./firewall-profile.ts";
import type { FirewallRule } from "./firewall-rule.ts";
import type { Diagnostic } from "./policy.ts";
import type { WindowsVersion } from "./windows-version.ts";

/** Why a rule lets nothing through and blocks nothing, though it is in a store of the machine. */
export type InertReason =
  | "disabled"
  | "platform"
  | "not-merged"
  | "replaced"
  | "app-isolation"
  | "not-understood"
  | "no-active-profile"
  | "firewall-off"
  | "shields-up"
  | "default-permits"
  | "nothing-to-match"
  | "duplicate";

/** A rule of a store, with what has become of it. */
export interface ListedRule {
  /** As it was merged, with an id that no other rule has. */
  readonly rule: FirewallRule;
  readonly imported: ImportedRule;
  /** Filters that are made of it; null of rules for services, of which several may share one. */
  readonly filters: number | null;
  /** Profiles in which it does something; none of a rule that does nothing. */
  readonly profiles: readonly FirewallProfile[];
  /** Null where it is in force. */
  readonly inert: { readonly reason: InertReason; readonly detail: string } | null;
}

export interface ListedProfile {
  readonly profile: FirewallProfile;
  readonly settings: ProfileSettings;
  /** Where each setting comes from: a store, or Windows' default. */
  readonly sources: Readonly<Record<keyof ProfileSettings, string>>;
  readonly allowLocalRules: boolean;
}

export interface ListedFile {
  readonly source: string;
  readonly format: FirewallFormat;
  readonly rules: number;
  readonly diagnostics: readonly Diagnostic[];
}

/** The rules and settings of all stores of a machine after they have been merged. */
export interface RuleListing {
  readonly windows: WindowsVersion;
  readonly files: readonly ListedFile[];
  readonly profiles: readonly ListedProfile[];
  /** In the order of the files. */
  readonly rules: readonly ListedRule[];
}
