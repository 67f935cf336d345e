import { buildCommand } from "@stricli/core";
import type { CliContext } from "../context.ts";
import { JSON_FLAG, MODEL_FLAGS, type ModelFlags, STRICT_FLAG } from "../model-flags.ts";
import { WHAT_IF_FLAGS, WHAT_IF_PROFILE_FLAG, type WhatIfFlags, type WhatIfProfileFlag } from "../what-if-flags.ts";

export interface TraceFlags extends WhatIfFlags, WhatIfProfileFlag, ModelFlags {
  readonly policy?: string;
  readonly flows?: string;
  readonly expect?: "permit" | "block";
  readonly listener?: boolean;
  readonly holdsFor: boolean;
  readonly flip: boolean;
  readonly maxNodes?: string;
  readonly oneLine: boolean;
  readonly all: boolean;
  readonly strict: boolean;
  readonly json: boolean;
  readonly verbose?: number;
}

const DESCRIPTION = `Follows one connection or datagram through every layer of one host: the arbitration in each, the verdict with its code, the filter
that decided and where it comes from, what the program and the peer observe, and which filters missed by one condition.

FLOW is "in" or "out", a protocol, source > destination as the host sees them, then key=value (docs/flow-notation.md). What is left out is
unknown, not empty; the answer says what it depends on.

EXAMPLES
  wfplab trace "in tcp 203.0.113.9:51000 > 10.0.0.5:445 app=System profile=public" --policy wfpstate.xml
  wfplab trace "out tcp *:* > 198.51.100.7:443 app=C:\\Windows\\System32\\curl.exe" --policy wfpstate.xml --expect permit
  wfplab trace --flows flows.txt --policy wfpstate.xml --json
  wfplab trace "in tcp 10.0.0.9:* > *:3389 profile=domain" --policy wfpstate.xml --with "allow in tcp 3389 from 10.0.0.0/8"
  wfplab trace "in tcp 10.0.0.9:50000 > 10.0.0.5:445 app=System profile=public" --holds-for --flip
  netsh-dump | wfplab trace "in udp *:* > *:5353" --policy - -v

EXIT STATUS
  0 whatever the verdict. With --expect: 0 where it is met, 1 where it is not, 3 where the verdict is indeterminate.`;

export const traceCommand = buildCommand<TraceFlags, string[], CliContext>({
  loader: async () => (await import("./trace.ts")).trace,
  parameters: {
    positional: { kind: "array", parameter: { brief: "The flow, in quotes", parse: String, placeholder: "FLOW" } },
    flags: {
      policy: {
        kind: "parsed",
        parse: String,
        brief:
          "Policy of the host: a netsh file, firewall rules (a machine's several files with commas between them), -, @desktop or @server",
        placeholder: "FILE",
        optional: true,
      },
      flows: {
        kind: "parsed",
        parse: String,
        brief: "File with one flow a line, or -; # starts a comment line",
        placeholder: "FILE",
        optional: true,
      },
      expect: { kind: "enum", values: ["permit", "block"], brief: "Require this verdict of every flow", optional: true },
      listener: {
        kind: "boolean",
        brief: "Whether a program listens where an inbound flow goes; taken for granted unless told",
        optional: true,
        withNegated: true,
      },
      ...WHAT_IF_FLAGS,
      ...WHAT_IF_PROFILE_FLAG,
      ...MODEL_FLAGS,
      holdsFor: {
        kind: "boolean",
        brief: "Also the largest class of flows around this one that provably has its verdict",
        default: false,
        withNegated: false,
      },
      flip: {
        kind: "boolean",
        brief: "Also the smallest changes, of flow or policy, that change the verdict",
        default: false,
        withNegated: false,
      },
      maxNodes: {
        kind: "parsed",
        parse: String,
        brief: "Nodes that --holds-for and --flip may take (8 million)",
        placeholder: "N",
        optional: true,
      },
      oneLine: { kind: "boolean", brief: "One line per flow, as --flows prints unless -v is given", default: false, withNegated: false },
      all: {
        kind: "boolean",
        brief: "Every filter of every layer with its first failing condition, like -vv",
        default: false,
        withNegated: false,
      },
      ...STRICT_FLAG,
      ...JSON_FLAG,
      verbose: { kind: "counter", brief: "Conditions one by one; twice: every filter", optional: true },
    },
    aliases: { v: "verbose" },
  },
  docs: { brief: "Follow one flow through every layer of one host", fullDescription: DESCRIPTION },
});
