import { buildCommand } from "@stricli/core";
import type { CliContext } from "../context.ts";

export interface ShowFlags {
  readonly layers: boolean;
  readonly sublayers: boolean;
  readonly filters: boolean;
  readonly callouts: boolean;
  readonly providers: boolean;
  readonly sessions: boolean;
  readonly weights: boolean;
  readonly layer?: string;
  readonly filter?: string;
  readonly policy?: string;
  readonly strict: boolean;
  readonly json: boolean;
  readonly verbose?: number;
}

const DESCRIPTION = `Browses a policy. Without a choice: what it holds, how much of it is modelled, and its layers with filters. Filters stand in the order
of evaluation.

EXAMPLES
  wfplab show wfpstate.xml
  wfplab show wfpstate.xml --filters --layer ALE_AUTH_RECV_ACCEPT_V4
  wfplab show wfpstate.xml --filter 71234
  wfplab show wfpstate.xml --filter 0x11642
  wfplab show wfpstate.xml --weights --json
  wfplab show @server --sublayers`;

const choice = (brief: string) => ({ kind: "boolean", brief, default: false, withNegated: false }) as const;

export const showCommand = buildCommand<ShowFlags, [policy?: string], CliContext>({
  loader: async () => (await import("./show.ts")).show,
  parameters: {
    positional: {
      kind: "tuple",
      parameters: [
        {
          brief: "The policy: a netsh file, rules, a log, -, @desktop (unless told) or @server",
          parse: String,
          placeholder: "POLICY",
          optional: true,
        },
      ],
    },
    flags: {
      layers: choice("Layers, those without filters too"),
      sublayers: choice("Sublayers in the order of evaluation"),
      filters: choice("Filters in the order of evaluation"),
      callouts: choice("Callouts, and whether anyone is behind them"),
      providers: choice("Providers, with the number of their filters"),
      sessions: choice("Sessions that were open"),
      weights: choice("Recompute every effective weight and compare"),
      layer: { kind: "parsed", parse: String, brief: "One layer: name, id or key", placeholder: "LAYER", optional: true },
      filter: { kind: "parsed", parse: String, brief: "One filter: id in decimal or 0x…, or key", placeholder: "ID|KEY", optional: true },
      policy: { kind: "parsed", parse: String, brief: "The policy, as in other commands", placeholder: "FILE", optional: true },
      strict: choice("Refuse a policy with anything unknown in it"),
      json: choice("Print a JSON record a line (docs/json.md)"),
      verbose: { kind: "counter", brief: "Do not cut long lists", optional: true },
    },
    aliases: { v: "verbose" },
  },
  docs: { brief: "Browse a policy: layers, sublayers, filters, callouts, providers, sessions", fullDescription: DESCRIPTION },
});
