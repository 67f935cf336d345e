import { buildCommand } from "@stricli/core";
import type { FirewallProfile, WindowsVersion } from "../../model/index.ts";
import type { CliContext } from "../context.ts";

export interface RulesFlags {
  readonly profile?: FirewallProfile;
  readonly windows?: WindowsVersion;
  readonly inert: boolean;
  readonly name?: string;
  readonly strict: boolean;
  readonly json: boolean;
}

const DESCRIPTION = `Shows which firewall rules are in force on a machine: the rules of all files put together as Windows merges its stores
(local, group policy, MDM), the settings of each profile with where they come from, and which rules do nothing and why.

Reads registry exports (.reg), firewall exports (.wfw), registry.pol of group policy, netsh advfirewall text, Get-NetFirewallRule with its
filters as JSON, CSV or CliXml, Export-FirewallRules, and SyncML of Intune. What each form tells and lacks is in docs/rules.md.

EXAMPLES
  wfplab rules firewall.wfw
  wfplab rules local.reg registry.pol --profile domain
  wfplab rules local.reg --inert
  wfplab rules local.reg --name "Remote Desktop"

EXIT STATUS
  0 shown   1 no rule has the name of --name   2 a file that is not understood`;

export const rulesCommand = buildCommand<RulesFlags, string[], CliContext>({
  loader: async () => (await import("./rules.ts")).rules,
  parameters: {
    positional: {
      kind: "array",
      parameter: { brief: "Files with rules or profile settings of one machine; - is standard input", parse: String, placeholder: "FILE" },
      minimum: 1,
    },
    flags: {
      profile: {
        kind: "enum",
        values: ["domain", "private", "public"],
        brief: "As if only a network of this profile were attached; all three unless told",
        optional: true,
      },
      windows: {
        kind: "enum",
        values: ["vista", "7", "8", "10", "11"],
        brief: "Version of Windows; what the rules tell unless told",
        optional: true,
      },
      inert: { kind: "boolean", brief: "The rules that do nothing, each with why", default: false, withNegated: false },
      name: {
        kind: "parsed",
        parse: String,
        brief: "Everything about the rules with this in their name or id",
        placeholder: "TEXT",
        optional: true,
      },
      strict: { kind: "boolean", brief: "Refuse files with anything unknown in them", default: false, withNegated: false },
      json: { kind: "boolean", brief: "Print a JSON record a line (docs/rules.md)", default: false, withNegated: false },
    },
  },
  docs: { brief: "The firewall rules in force, where each is from, and which do nothing", fullDescription: DESCRIPTION },
});
