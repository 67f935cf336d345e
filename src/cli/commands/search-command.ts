import { buildCommand } from "@stricli/core";
import type { CliContext } from "../context.ts";
import { POLICY_FLAG, type PolicyFlag, QUESTION_FLAGS, type QuestionFlags } from "../questions/question-flags.ts";

export interface SearchFlags extends QuestionFlags, PolicyFlag {
  readonly verdict?: "permit" | "block" | "indeterminate";
  readonly by?: string;
  readonly except?: readonly string[];
  readonly classes: string;
}

const DESCRIPTION = `Asks about all flows at once: is there any that is permitted, blocked, indeterminate, or decided by a filter? Each answer is a list of
classes and a flow that shows it, which trace confirms. An answer of none is a proof (docs/search.md).

FLOWS is a flow with lists, ranges, address blocks, names of sets (internet, private, loopback, multicast) and any (docs/suite-format.md),
or in words: in tcp from internet to :3389.

EXAMPLES
  wfplab search "in tcp from internet to :3389" --verdict permit --policy wfpstate.xml
  wfplab search "out any any > internet" --verdict permit --except "out tcp any > any:443"
  wfplab search "in any any > any" --by 71234 --policy wfpstate.xml
  wfplab search "out tcp any > any" --verdict indeterminate --explain

EXIT STATUS
  0 found   1 none: there is no such flow   3 not settled within the budget`;

export const searchCommand = buildCommand<SearchFlags, [string], CliContext>({
  loader: async () => (await import("./search.ts")).search,
  parameters: {
    positional: { kind: "tuple", parameters: [{ brief: "The flows, in quotes", parse: String, placeholder: "FLOWS" }] },
    flags: {
      ...POLICY_FLAG,
      verdict: { kind: "enum", values: ["permit", "block", "indeterminate"], brief: "What must become of them", optional: true },
      by: {
        kind: "parsed",
        parse: String,
        brief: "Filter that must decide: id, key or name, or a rule's name",
        placeholder: "FILTER",
        optional: true,
      },
      except: {
        kind: "parsed",
        parse: String,
        brief: "Flows that are not asked about; may be repeated",
        placeholder: "FLOWS",
        optional: true,
        variadic: true,
      },
      classes: { kind: "parsed", parse: String, brief: "Classes listed for each part of the answer", placeholder: "N", default: "5" },
      ...QUESTION_FLAGS,
    },
  },
  docs: { brief: "Is there any traffic that …? With a witness, or a proof that there is none", fullDescription: DESCRIPTION },
});
