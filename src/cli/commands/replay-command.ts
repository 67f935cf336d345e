import { buildCommand } from "@stricli/core";
import type { CliContext } from "../context.ts";
import { JSON_FLAG, MODEL_FLAGS, type ModelFlags, STRICT_FLAG } from "../model-flags.ts";
import { WHAT_IF_FLAGS, type WhatIfFlags } from "../what-if-flags.ts";

export interface ReplayFlags extends ModelFlags, WhatIfFlags {
  readonly policy?: string;
  readonly policyAt?: readonly string[];
  readonly local?: readonly string[];
  readonly hosts?: string;
  readonly events?: string;
  readonly profile?: "public" | "private" | "domain";
  readonly flows: boolean;
  readonly packets: boolean;
  readonly write?: string;
  readonly expect?: "permit" | "block";
  readonly strict: boolean;
  readonly json: boolean;
}

const DESCRIPTION = `Runs a capture through a policy as the host it was taken on would have seen it: which flows are authorized, which are blocked and
where, on what the rest depends. Filters are asked when a flow begins and when the policy changes, as ALE does; packets that could not
exist under the policy, such as the answer to a blocked SYN, are told apart from those that a filter drops.

CAPTURE is pcap or pcapng, also packed with gzip, or - for standard input. Of programs a capture says nothing: they come from the live
endpoints of a "netsh wfp show state" dump, from audit events of the host or from a hosts file (docs/replay.md); without any they are
unknown, and verdicts that need them are indeterminate.

EXAMPLES
  wfplab replay capture.pcapng --policy wfpstate.xml --local 10.0.0.5
  wfplab replay capture.pcap.gz --policy wfpstate.xml --hosts hosts.yaml --flows
  wfplab replay capture.pcapng --policy wfpstate.xml --events security.jsonl
  wfplab replay capture.pcapng --policy wfpstate.xml --write annotated.pcapng
  wfplab replay capture.pcapng --policy wfpstate.xml --with "block in tcp 445 from internet"
  wfplab replay capture.pcapng --policy before.xml --policy-at 2026-11-23T12:00:00Z=after.xml --json

EXIT STATUS
  0 whatever the verdicts. With --expect: 0 where all flows meet it, 1 where one does not, 3 where one is indeterminate.`;

export const replayCommand = buildCommand<ReplayFlags, [string], CliContext>({
  loader: async () => (await import("./replay.ts")).replay,
  parameters: {
    positional: { kind: "tuple", parameters: [{ brief: "The capture, or -", parse: String, placeholder: "CAPTURE" }] },
    flags: {
      policy: {
        kind: "parsed",
        parse: String,
        brief:
          "Policy of the host: a netsh file, firewall rules (a machine's several files with commas between them), -, @desktop or @server",
        placeholder: "FILE",
        optional: true,
      },
      policyAt: {
        kind: "parsed",
        parse: String,
        brief: "From this time of the capture on another policy holds; flows are reauthorized",
        placeholder: "TIME=FILE",
        optional: true,
        variadic: true,
      },
      local: {
        kind: "parsed",
        parse: String,
        brief: "Address of the host; guessed from the traffic where none is given",
        placeholder: "ADDR",
        optional: true,
        variadic: true,
      },
      hosts: {
        kind: "parsed",
        parse: String,
        brief: "YAML file with addresses, profile and programs of the host",
        placeholder: "FILE",
        optional: true,
      },
      events: {
        kind: "parsed",
        parse: String,
        brief: "Security log or net events of the host, which name the programs behind its ports",
        placeholder: "FILE",
        optional: true,
      },
      profile: { kind: "enum", values: ["public", "private", "domain"], brief: "Category of the network", optional: true },
      flows: { kind: "boolean", brief: "A line per flow", default: false, withNegated: false },
      packets: { kind: "boolean", brief: "A line per packet", default: false, withNegated: false },
      write: {
        kind: "parsed",
        parse: String,
        brief: "Copy the capture, with verdict and filter of each packet as its comment",
        placeholder: "OUT.pcapng",
        optional: true,
      },
      expect: { kind: "enum", values: ["permit", "block"], brief: "Require this verdict of every flow", optional: true },
      ...WHAT_IF_FLAGS,
      ...MODEL_FLAGS,
      ...STRICT_FLAG,
      ...JSON_FLAG,
    },
  },
  docs: { brief: "Run a capture through a policy", fullDescription: DESCRIPTION },
});
