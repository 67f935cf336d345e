import { buildCommand } from "@stricli/core";
import type { ShadowKind } from "../../model/index.ts";
import type { CliContext } from "../context.ts";
import { QUESTION_FLAGS, type QuestionFlags } from "../questions/question-flags.ts";

export interface ShadowFlags extends QuestionFlags {
  readonly layer?: string;
  readonly kind?: readonly ShadowKind[];
  readonly all: boolean;
}

const DESCRIPTION = `Lists firewall rules and filters that never decide, with those that decide before them; rules and filters without which the same
would be decided; and filters of one weight that decide differently, so that their age decides. Exact for all packets. Filters that Windows
makes by itself are left out, and those of a rule are told of as one: --all lists them too.

EXAMPLES
  wfplab shadow wfpstate.xml
  wfplab shadow wfpstate.xml --kind shadowed --kind overruled
  wfplab shadow rules.reg --layer ALE_AUTH_RECV_ACCEPT_V4 --all --json

EXIT STATUS
  0 nothing listed   1 something listed   3 nothing listed, and not settled within the budget`;

export const shadowCommand = buildCommand<ShadowFlags, [policy?: string], CliContext>({
  loader: async () => (await import("./shadow.ts")).shadow,
  parameters: {
    positional: {
      kind: "tuple",
      parameters: [
        { brief: "The policy: a netsh file, rules, -, @desktop or @server", parse: String, placeholder: "POLICY", optional: true },
      ],
    },
    flags: {
      layer: { kind: "parsed", parse: String, brief: "Only layers with this in their name", placeholder: "LAYER", optional: true },
      kind: {
        kind: "enum",
        values: ["impossible", "shadowed", "overruled", "redundant", "tie", "unsettled"],
        brief: "Only findings of this kind; may be repeated",
        optional: true,
        variadic: true,
      },
      all: {
        kind: "boolean",
        brief: "Also filters that Windows makes by itself, and those of rules one by one",
        default: false,
        withNegated: false,
      },
      ...QUESTION_FLAGS,
    },
  },
  docs: { brief: "Filters that never decide, and ties whose order matters", fullDescription: DESCRIPTION },
});
