import type { FirewallProfile, ProfileSettings } from "./firewall-profile.ts";
import type { FirewallRule, RuleAddress } from "./firewall-rule.ts";
import type { Diagnostic } from "./policy.ts";

/** Where a machine keeps a rule. */
export const RULE_STORES = ["local", "group-policy", "mdm", "service-static", "service-configurable", "app-isolation"] as const;

export type RuleStore = (typeof RULE_STORES)[number];

/** Formats that rules are read from. */
export type FirewallFormat = "reg" | "hive" | "registry.pol" | "csv" | "netsh" | "powershell-json" | "clixml" | "mdm-xml";

/** A version of Windows a rule is limited to (MS-FASP 2.2.30); 2 is the NT platform. */
export interface RulePlatform {
  readonly platform: number;
  readonly major: number;
  readonly minor: number;
  /** This version or any later one. */
  readonly orLater: boolean;
}

/** A rule with what a file says of it beyond the rule. */
export interface ImportedRule {
  readonly rule: FirewallRule;
  readonly store: RuleStore;
  /** Schema of the rule string, `2.31`; null where the format has none. */
  readonly version: string | null;
  /** Versions of Windows the rule is for; any where empty. */
  readonly platforms: readonly RulePlatform[];
  /** What the rule says that no filter shows, as `KEY=value`: kept for whoever reads the list of rules. */
  readonly extras: readonly string[];
  readonly file: string;
  /** From 1; null in binary formats. */
  readonly line: number | null;
  /** Display names of the group policy object, or null. */
  readonly policy: string | null;
}

/** Settings of one profile in one store; what is absent was not set there. */
export interface ImportedProfile {
  readonly profile: FirewallProfile;
  readonly store: "local" | "group-policy" | "mdm";
  readonly settings: Partial<ProfileSettings>;
  /** False: rules of the local store do not count in this profile. */
  readonly allowLocalRules?: boolean;
  readonly file: string;
  readonly line: number | null;
}

/** A named list of addresses that rules refer to ("dynamic keyword", https://learn.microsoft.com/windows/win32/ics/firewall-dynamic-keywords). */
export interface ImportedKeyword {
  /** As rules name it: a GUID in braces, in lower case. */
  readonly id: string;
  readonly name: string;
  /** null: resolved while Windows runs (AutoResolve), so that no file tells them. */
  readonly addresses: readonly RuleAddress[] | null;
}

/** What one file said about Windows Firewall. */
export interface FirewallImport {
  readonly source: string;
  readonly format: FirewallFormat;
  readonly rules: readonly ImportedRule[];
  readonly profiles: readonly ImportedProfile[];
  /** Lists of addresses, where the format has them. */
  readonly keywords?: readonly ImportedKeyword[];
  readonly diagnostics: readonly Diagnostic[];
}
