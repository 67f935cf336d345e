import { Bfe } from "../engine/index.ts";
import {
  type CompiledFirewall,
  compileFirewall,
  configOfRules,
  DEFAULT_INTERFACE,
  type FirewallConfig,
  type MergedRules,
  mergeRules,
  type SkipReason,
  windowsOfRules,
} from "../firewall/index.ts";
import { type FirewallImport, formatAddress, InputError, type Interpretation, type WindowsVersion } from "../model/index.ts";
import { readFirewallRules } from "../sources/index.ts";
import type { LeftOutRule, LoadedPolicy } from "./load-policy.ts";

export interface LoadRulesOptions {
  /** What the policy is called. */
  readonly source: string;
  /** Makes everything that was not understood an error. */
  readonly strict: boolean;
  /** Version of Windows; what the rules' schema tells, or else 11, where absent. */
  readonly windows?: WindowsVersion | undefined;
  readonly interpretation?: Partial<Interpretation> | undefined;
}

/** What the firewall would make of the rules of a machine's files, with what had to be assumed of it. @throws InputError with file and line. */
export function loadRules(
  files: readonly RulesFile[],
  { source, strict, windows: told, interpretation }: LoadRulesOptions,
): LoadedPolicy & { config: FirewallConfig } {
  const imports = files.map((file) => importRules(file, strict));
  const all = imports.flatMap(({ rules }) => rules);
  const known = windowsOfRules(all);
  const windows = told ?? known ?? "11";
  const merged = mergeRules(imports, { windows });
  const config: FirewallConfig = { ...configOfRules(merged, { windows }), ...(interpretation === undefined ? {} : { interpretation }) };
  const bfe = new Bfe({ windows, phase: "running" });
  const compiled = compileFirewall(bfe, config);
  const remarks = [
    inForceText(merged, config, compiled),
    ...(told === undefined && known === undefined ? ["Windows is taken to be version 11, which the rules do not tell (--windows)"] : []),
    ...(imports.every(({ profiles }) => profiles.length === 0)
      ? [
          `${files.length === 1 ? "the file holds" : "the files hold"} no settings of profiles: inbound is taken to be closed and outbound to be open in all of them`,
        ]
      : offText(config)),
    "unless --profile names one, networks of all three profiles are taken to be attached; the flow says which is its own (profile=)",
    `the machine is taken to have one interface, ${interfaceText()}, which is what LocalSubnet means`,
  ];
  const several = imports.length > 1;
  const diagnostics = imports.flatMap((one) =>
    one.diagnostics.map((diagnostic) => (several ? { ...diagnostic, file: one.source } : diagnostic)),
  );
  return { policy: { ...bfe.policy, source, diagnostics }, remarks, config, leftOut: leftOutOf(merged), places: placesOf(merged) };
}

/** What a store above, or the version of Windows, leaves out; what cannot be put into filters is not told here. */
function leftOutOf({ rules }: MergedRules): readonly LeftOutRule[] {
  return rules.flatMap(({ imported, rule, reason, detail }): LeftOutRule[] => {
    const profiles = imported.rule.profiles.filter((profile) => !rule.profiles.includes(profile));
    if (reason === "platform") return [{ rule, why: detail ?? "it is for other versions of Windows" }];
    if (profiles.length === 0 || (reason !== undefined && reason !== "not-merged")) return [];
    return [{ rule: { ...rule, profiles }, why: `local rules do not count in profile ${profiles.join(" and ")} (AllowLocalPolicyMerge)` }];
  });
}

function placesOf({ rules }: MergedRules): ReadonlyMap<string, string> {
  return new Map(rules.map(({ rule, imported: { file, line } }) => [rule.id, line === null ? file : `${file}:${line}`]));
}

/** The bytes of a file with rules, and what is known of it beside them. */
export interface RulesFile {
  /** What messages call it. */
  readonly source: string;
  readonly bytes: Uint8Array;
  /** Name of the group policy object whose file it is, where that is known. */
  readonly gpo?: string | null;
}

/** What a file says. @throws InputError with file and line, with `strict` for whatever was not understood. */
export function importRules({ source, bytes, gpo }: RulesFile, strict: boolean): FirewallImport {
  const imported = readFirewallRules(bytes, { source });
  const problem = imported.diagnostics.find(({ severity }) => severity !== "info");
  if (strict && problem !== undefined) throw new InputError(problem.message, { file: source, line: problem.line });
  if (gpo === undefined || gpo === null) return imported;
  return {
    ...imported,
    rules: imported.rules.map((rule) => (rule.store === "group-policy" ? { ...rule, policy: rule.policy ?? gpo } : rule)),
  };
}

const SKIP_TEXT: Readonly<Record<SkipReason, string>> = {
  disabled: "switched off",
  "no-active-profile": "of no attached profile",
  "firewall-off": "in profiles whose firewall is off",
  "shields-up": "left out by shields up",
  "default-permits": "outbound permits where all is open",
  "nothing-to-match": "without anything here to match",
};

function inForceText({ rules }: MergedRules, { rules: inForce }: FirewallConfig, { skipped }: CompiledFirewall): string {
  const counts = new Map<string, number>();
  for (const reason of skipped.values()) counts.set(SKIP_TEXT[reason], (counts.get(SKIP_TEXT[reason]) ?? 0) + 1);
  const without = [...counts].map(([text, count]) => `${count} ${text}`).join(", ");
  const others = rules.length - inForce.length;
  const apart =
    others === 0
      ? ""
      : `; ${others} more of services, AppContainers or other versions of Windows, or left out by a store above, stand apart`;
  return `compiled from ${inForce.length} rules, ${inForce.length - skipped.size} of which have filters${without === "" ? "" : ` (${without})`}${apart}`;
}

function offText({ profiles }: FirewallConfig): string[] {
  const off = Object.entries(profiles).flatMap(([profile, { enabled }]) => (enabled ? [] : [profile]));
  return off.length === 0 ? [] : [`the firewall is off in ${off.length === 3 ? "all profiles" : `profile ${off.join(" and ")}`}`];
}

function interfaceText(): string {
  return DEFAULT_INTERFACE.addresses.map(({ address, prefixLength }) => `${formatAddress(address)}/${prefixLength}`).join(" and ");
}
