import { buildCommand, numberParser } from "@stricli/core";
import type { Profile, WindowsVersion } from "../../model/index.ts";
import type { CliContext } from "../context.ts";
import { WHAT_IF_FLAGS, type WhatIfFlags } from "../what-if-flags.ts";

export interface SessionFlags extends WhatIfFlags {
  readonly change: "client" | "server";
  readonly list: boolean;
  readonly policy?: string;
  readonly clientPolicy?: string;
  readonly serverPolicy?: string;
  readonly family: "v4" | "v6";
  readonly windows?: WindowsVersion;
  readonly clientApp?: string;
  readonly serverApp?: string;
  readonly serverPort?: number;
  readonly profile?: Exclude<Profile, "none">;
  readonly interpretation?: readonly string[];
  readonly strict: boolean;
  readonly json: boolean;
  readonly verbose?: number;
}

const DESCRIPTION = `Runs two Windows hosts through a documented TCP flow and prints every layer that each of them indicates, in order, with the
decision there. A block shows the arbitration and the filter that won.

EXAMPLES
  wfplab session --list
  wfplab session tcp-session
  wfplab session tcp-connect --server-policy wfpstate.xml --server-port 445 --server-app System --profile public
  wfplab session tcp-connect --server-port 3389 --with "allow in tcp 3389"
  wfplab session tcp-no-listener --json`;

export const sessionCommand = buildCommand<SessionFlags, [name?: string], CliContext>({
  loader: async () => (await import("./session.ts")).session,
  parameters: {
    positional: {
      kind: "tuple",
      parameters: [{ brief: "Built-in scenario; --list names them", parse: String, placeholder: "SCENARIO", optional: true }],
    },
    flags: {
      list: { kind: "boolean", brief: "List the built-in scenarios", default: false, withNegated: false },
      policy: {
        kind: "parsed",
        parse: String,
        brief: "Policy of both hosts: a netsh file, -, @desktop or @server",
        placeholder: "FILE",
        optional: true,
      },
      clientPolicy: {
        kind: "parsed",
        parse: String,
        brief: "Policy of the client; @desktop unless told",
        placeholder: "FILE",
        optional: true,
      },
      serverPolicy: {
        kind: "parsed",
        parse: String,
        brief: "Policy of the server; @server unless told",
        placeholder: "FILE",
        optional: true,
      },
      family: { kind: "enum", values: ["v4", "v6"], brief: "IP version", default: "v4" },
      windows: { kind: "enum", values: ["vista", "7", "8", "10", "11"], brief: "Version of Windows on both hosts", optional: true },
      clientApp: { kind: "parsed", parse: String, brief: "Program of the client, a DOS or NT path", placeholder: "PATH", optional: true },
      serverApp: { kind: "parsed", parse: String, brief: "Program of the server, a DOS or NT path", placeholder: "PATH", optional: true },
      serverPort: { kind: "parsed", parse: numberParser, brief: "Port of the server", placeholder: "PORT", optional: true },
      profile: { kind: "enum", values: ["public", "private", "domain"], brief: "Network category of both hosts", optional: true },
      ...WHAT_IF_FLAGS,
      change: { kind: "enum", values: ["client", "server"], brief: "Whose policy the what-if flags change", default: "server" },
      interpretation: {
        kind: "parsed",
        parse: String,
        brief: "A choice where Microsoft's text is silent, NAME=VALUE (docs/model.md)",
        placeholder: "NAME=VALUE",
        optional: true,
        variadic: true,
      },
      strict: { kind: "boolean", brief: "Refuse a policy with anything unknown in it", default: false, withNegated: false },
      json: { kind: "boolean", brief: "Print a JSON record a line (docs/json.md)", default: false, withNegated: false },
      verbose: { kind: "counter", brief: "Also print indicated values, every arbitration, and events", optional: true },
    },
    aliases: { v: "verbose" },
  },
  docs: { brief: "Run two hosts through a documented flow, layer by layer", fullDescription: DESCRIPTION },
});
