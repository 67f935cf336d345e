import { buildCommand } from "@stricli/core";
import type { CliContext } from "../context.ts";
import { QUESTION_FLAGS, type QuestionFlags } from "../questions/question-flags.ts";

export interface LintFlags extends QuestionFlags {
  readonly only?: readonly string[];
  readonly ignore?: readonly string[];
  readonly severity: "error" | "warning" | "note";
  readonly sarif?: string;
  readonly list: boolean;
}

const DESCRIPTION = `Looks for what is wrong with a policy, or likely to surprise: conditions that never hold, blocks that others open, filters
of drivers that do not run, security agents cut off from the network, one IP version forgotten, filters that never decide. Every check has an
id and is explained in docs/lint.md.

EXAMPLES
  wfplab lint wfpstate.xml
  wfplab lint wfpstate.xml --severity note --ignore WFP031
  wfplab lint wfpstate.xml --sarif lint.sarif
  wfplab lint --list

EXIT STATUS
  0 nothing of the severity asked for   1 findings`;

export const lintCommand = buildCommand<LintFlags, [policy?: string], CliContext>({
  loader: async () => (await import("./lint.ts")).lint,
  parameters: {
    positional: {
      kind: "tuple",
      parameters: [
        { brief: "The policy: a netsh file, rules, -, @desktop or @server", parse: String, placeholder: "POLICY", optional: true },
      ],
    },
    flags: {
      only: {
        kind: "parsed",
        parse: String,
        brief: "Only this check, by id or name; may be repeated",
        placeholder: "ID",
        optional: true,
        variadic: true,
      },
      ignore: {
        kind: "parsed",
        parse: String,
        brief: "Without this check; may be repeated",
        placeholder: "ID",
        optional: true,
        variadic: true,
      },
      severity: { kind: "enum", values: ["error", "warning", "note"], brief: "The least severity to report", default: "warning" },
      sarif: { kind: "parsed", parse: String, brief: "Also write the findings as SARIF 2.1.0", placeholder: "FILE", optional: true },
      list: { kind: "boolean", brief: "List the checks", default: false, withNegated: false },
      ...QUESTION_FLAGS,
    },
  },
  docs: { brief: "What is wrong with a policy, or likely to surprise", fullDescription: DESCRIPTION },
});
