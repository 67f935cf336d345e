import { buildCommand } from "@stricli/core";
import type { ShadowKind } from "../../model/index.ts";
import type { CliContext } from "../context.ts";
import { QUESTION_FLAGS, type QuestionFlags } from "../questions/question-flags.ts";

export interface ShadowFlags extends QuestionFlags {
  readonly layer?: string;
  readonly kind?: readonly ShadowKind[];
}

const DESCRIPTION = `Lists filters that never decide, with those that decide before them; filters that decide only what would be decided anyway;
and filters of one weight that decide differently, so that their age decides. Exact for all packets.

EXAMPLES
  wfplab shadow wfpstate.xml
  wfplab shadow wfpstate.xml --kind shadowed --kind overruled
  wfplab shadow rules.reg --layer ALE_AUTH_RECV_ACCEPT_V4 --json

EXIT STATUS
  0 nothing found   1 something found   3 nothing found, and not settled within the budget`;

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
      ...QUESTION_FLAGS,
    },
  },
  docs: { brief: "Filters that never decide, and ties whose order matters", fullDescription: DESCRIPTION },
});
