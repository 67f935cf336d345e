import { buildCommand } from "@stricli/core";
import type { CliContext } from "../context.ts";
import { JSON_FLAG, MODEL_FLAGS, type ModelFlags, STRICT_FLAG } from "../model-flags.ts";
import { WHAT_IF_FLAGS, WHAT_IF_PROFILE_FLAG, type WhatIfFlags, type WhatIfProfileFlag } from "../what-if-flags.ts";

export interface TestFlags extends WhatIfFlags, WhatIfProfileFlag, ModelFlags {
  readonly policy?: string;
  readonly baseline?: string;
  readonly filter?: string;
  readonly watch: boolean;
  readonly junit?: string;
  readonly sarif?: string;
  readonly markdown?: string;
  readonly coverage: boolean;
  readonly strict: boolean;
  readonly json: boolean;
  readonly verbose?: number;
}

const DESCRIPTION = `Runs suites of policy tests: what must be permitted, what blocked and by which rule, what a peer sees, how a TCP session goes, and
invariants of a whole policy. A suite is a YAML file (docs/suite-format.md). What a flow leaves open is any, and the answer says whether it
was proved for all packets or for witnesses.

EXAMPLES
  wfplab test policy-tests.yaml
  wfplab test policy-tests.yaml --policy wfpstate.xml --baseline yesterday.xml
  wfplab test tests/*.yaml --junit results.xml --sarif results.sarif --markdown summary.md
  wfplab test policy-tests.yaml --with "allow in tcp 3389 from 10.0.0.0/8 profile=domain"
  wfplab test policy-tests.yaml --filter RDP --watch

EXIT STATUS
  0 all passed   1 a test failed   2 a suite or policy that cannot be used   3 an indeterminate answer where a definite one was required`;

const path = (brief: string) => ({ kind: "parsed", parse: String, brief, placeholder: "FILE", optional: true }) as const;

export const testCommand = buildCommand<TestFlags, string[], CliContext>({
  loader: async () => (await import("./test.ts")).test,
  parameters: {
    positional: {
      kind: "array",
      parameter: { brief: "Suites of policy tests, or - for standard input", parse: String, placeholder: "SUITE" },
    },
    flags: {
      policy: path(
        "Policy in place of the suites': a netsh file, firewall rules (several files with commas), @desktop or @server; a test's own policy stays",
      ),
      baseline: path("Another policy: report every verdict that differs from it"),
      filter: { kind: "parsed", parse: String, brief: "Only tests whose name has this in it", placeholder: "NAME", optional: true },
      watch: { kind: "boolean", brief: "Run again whenever a suite or policy file changes", default: false, withNegated: false },
      junit: path("Also write the results as JUnit XML"),
      sarif: path("Also write what failed as SARIF 2.1.0, for code scanning"),
      markdown: path("Also write a summary in Markdown, for a pull request"),
      coverage: {
        kind: "boolean",
        brief: "Which filters decided something in a test, and which nothing",
        default: false,
        withNegated: false,
      },
      ...WHAT_IF_FLAGS,
      ...WHAT_IF_PROFILE_FLAG,
      ...MODEL_FLAGS,
      ...STRICT_FLAG,
      ...JSON_FLAG,
      verbose: { kind: "counter", brief: "Also sources, assumptions, every near miss and idle filter", optional: true },
    },
    aliases: { v: "verbose" },
  },
  docs: { brief: "Run policy tests", fullDescription: DESCRIPTION },
});
