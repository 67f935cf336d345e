import { buildCommand } from "@stricli/core";
import type { CliContext } from "../context.ts";
import { INTERPRETATION_FLAG, type InterpretationFlag, JSON_FLAG } from "../model-flags.ts";

export interface VerifyFlags extends InterpretationFlag {
  readonly policy?: string;
  readonly capture?: string;
  readonly host?: string;
  readonly learn: boolean;
  readonly format?: "text" | "json" | "markdown" | "md";
  readonly json: boolean;
  readonly markdown: boolean;
  readonly strict: boolean;
  readonly verbose: number | undefined;
}

const DESCRIPTION = `Recomputes every verdict that Windows recorded and compares: is the filter that decided the one the model says? EVENTS is an export of
the Security log with "Filtering Platform Connection" or "Packet Drop" events (JSON lines, Get-WinEvent or wevtutil XML, EVTX tools),
netevents.xml or wfpdiag.xml of netsh wfp, or pfirewall.log; - is standard input.

The policy is rebuilt from the log itself where that has "Filtering Platform Policy Change" events, as of each verdict. --policy gives
another: a netsh file, firewall rules, or another log. What was not recorded is unknown, so that several filters may be left:

  exact          what was recorded leaves one filter, and it is the recorded one
  compatible     several are left, the recorded one among them
  contradiction  the recorded one is not among them; its conditions are listed
  unresolvable   there is nothing to compare with, e.g. the policy does not have the filter

EXAMPLES
  wfplab verify security.jsonl
  wfplab verify security.xml --policy wfpstate.xml --host PC12.example.com
  wfplab verify security.jsonl --learn -v
  wfplab verify security.jsonl --capture trace.pcapng --format markdown > report.md

EXIT STATUS
  0 no contradiction   1 a contradiction   2 wrong usage or bad input`;

const FORMATS = ["text", "json", "markdown", "md"] as const;

export const verifyCommand = buildCommand<VerifyFlags, [string], CliContext>({
  loader: async () => (await import("./verify.ts")).verify,
  parameters: {
    positional: { kind: "tuple", parameters: [{ brief: "The recorded events, or -", parse: String, placeholder: "EVENTS" }] },
    flags: {
      policy: {
        kind: "parsed",
        parse: String,
        brief: "Policy to compare with: a netsh file, firewall rules, another log, @desktop or @server",
        placeholder: "FILE",
        optional: true,
      },
      capture: {
        kind: "parsed",
        parse: String,
        brief: "A capture of the same traffic: verdicts are matched to packets",
        placeholder: "CAPTURE",
        optional: true,
      },
      host: {
        kind: "parsed",
        parse: String,
        brief: "The computer whose events count, for a log of several",
        placeholder: "NAME",
        optional: true,
      },
      learn: {
        kind: "boolean",
        brief: "Let facts that other verdicts tell (profile, AppContainer) narrow each",
        default: false,
        withNegated: false,
      },
      format: { kind: "enum", values: [...FORMATS], brief: "Form of the report", optional: true },
      ...JSON_FLAG,
      markdown: { kind: "boolean", brief: "The same as --format markdown", default: false, withNegated: false },
      ...INTERPRETATION_FLAG,
      strict: { kind: "boolean", brief: "Refuse events or a policy with anything unknown in them", default: false, withNegated: false },
      verbose: { kind: "counter", brief: "All contradictions and facts; twice: every verdict", optional: true },
    },
    aliases: { v: "verbose" },
  },
  docs: { brief: "Compare recorded verdicts with the model", fullDescription: DESCRIPTION },
});
