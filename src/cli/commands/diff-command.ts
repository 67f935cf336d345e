import { buildCommand } from "@stricli/core";
import type { CliContext } from "../context.ts";
import { QUESTION_FLAGS, type QuestionFlags } from "../questions/question-flags.ts";

export interface DiffFlags extends QuestionFlags {
  readonly only?: readonly string[];
  readonly ignore?: readonly string[];
  readonly filters: boolean;
  readonly classes: number;
}

const DESCRIPTION = `Compares two policies: which traffic one lets through and the other does not, as classes with a flow that shows each and the filters
that are responsible, over all flows there are; and which filters were added, removed, changed. Filters are matched by key, and across machines
by shape.

EXAMPLES
  wfplab diff yesterday.xml today.xml
  wfplab diff rules-main.reg rules-branch.reg --only "in tcp any > any"
  wfplab diff machine-a.xml machine-b.xml --only connect --ignore "Interface Un-quarantine filter"
  wfplab diff @desktop @server --json

EXIT STATUS
  0 no difference   1 a difference   3 none found, and not settled within the budget`;

export const diffCommand = buildCommand<DiffFlags, [string, string], CliContext>({
  loader: async () => (await import("./diff.ts")).diff,
  parameters: {
    positional: {
      kind: "tuple",
      parameters: [
        { brief: "The policy before: a netsh file, rules, -, @desktop or @server", parse: String, placeholder: "BEFORE" },
        { brief: "The policy after", parse: String, placeholder: "AFTER" },
      ],
    },
    flags: {
      only: {
        kind: "parsed",
        parse: String,
        brief: "Only these flows; connect and accept stand for all outbound and all inbound ones",
        placeholder: "FLOWS",
        optional: true,
        variadic: true,
      },
      ignore: {
        kind: "parsed",
        parse: String,
        brief: "Leave out a filter or rule of both policies, by id, key or name",
        placeholder: "NAME",
        optional: true,
        variadic: true,
      },
      filters: { kind: "boolean", brief: "List every filter that differs, not only the first ten", default: false, withNegated: false },
      classes: { kind: "parsed", parse: Number, brief: "Classes listed for each difference", placeholder: "N", default: "5" },
      ...QUESTION_FLAGS,
    },
  },
  docs: { brief: "What traffic two policies treat differently, and which filters differ", fullDescription: DESCRIPTION },
});
