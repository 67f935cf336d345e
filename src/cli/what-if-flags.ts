import type { FirewallProfile } from "../firewall/index.ts";
import type { PolicyChange } from "../model/index.ts";

/** The flags that change a policy before it is asked; the same on every command that has them (docs/what-if.md). */
export interface WhatIfFlags {
  readonly with?: readonly string[];
  readonly without?: readonly string[];
  readonly enable?: readonly string[];
  readonly disable?: readonly string[];
}

/** With --profile, where a command does not have a flag of that name already. */
export interface WhatIfProfileFlag {
  readonly profile?: FirewallProfile;
}

const texts = (brief: string, placeholder: string) =>
  ({ kind: "parsed", parse: String, brief, placeholder, optional: true, variadic: true }) as const;

/** For a command's `parameters.flags`. */
export const WHAT_IF_FLAGS = {
  with: texts('What if: add a firewall rule, "allow in tcp 3389 from 10.0.0.0/8 profile=domain"', "RULE"),
  without: texts("What if: leave out a rule or filter, by name, id or key", "NAME"),
  enable: texts("What if: switch a rule on", "RULE"),
  disable: texts("What if: switch a rule off", "RULE"),
} as const;

/** For a command's `parameters.flags` too. */
export const WHAT_IF_PROFILE_FLAG = {
  profile: {
    kind: "enum",
    values: ["public", "private", "domain"],
    brief: "What if: the machine's networks are all of this profile",
    optional: true,
  },
} as const;

/** What the flags ask for: first what goes, then what comes. */
export function changesOf(flags: WhatIfFlags): readonly PolicyChange[] {
  return (["without", "disable", "enable", "with"] as const).flatMap((kind) =>
    (flags[kind] ?? []).map((text): PolicyChange => ({ kind, text, position: {} })),
  );
}

export function isWhatIf(flags: WhatIfFlags & WhatIfProfileFlag): boolean {
  return flags.profile !== undefined || changesOf(flags).length > 0;
}
