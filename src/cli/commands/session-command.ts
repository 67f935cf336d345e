import { buildCommand, numberParser } from "@stricli/core";
import type { Profile, WindowsVersion } from "../../model/index.ts";
import type { CliContext } from "../context.ts";
import { INTERPRETATION_FLAG, type InterpretationFlag, JSON_FLAG, STRICT_FLAG } from "../model-flags.ts";
import { WHAT_IF_FLAGS, type WhatIfFlags } from "../what-if-flags.ts";

export interface SessionFlags extends WhatIfFlags, InterpretationFlag {
  readonly change?: string;
  readonly list: boolean;
  readonly policy?: string;
  readonly clientPolicy?: string;
  readonly serverPolicy?: string;
  readonly hostPolicy?: readonly string[];
  readonly family?: "v4" | "v6";
  readonly windows?: WindowsVersion;
  readonly clientApp?: string;
  readonly serverApp?: string;
  readonly serverPort?: number;
  readonly profile?: Exclude<Profile, "none">;
  readonly packets: boolean;
  readonly pcap?: string;
  readonly diagram?: string;
  readonly eventLog?: string;
  readonly netEvents?: string;
  readonly strict: boolean;
  readonly json: boolean;
  readonly verbose?: number;
}

const DESCRIPTION = `Plays a scenario: Windows hosts, their programs and what they do, and prints every layer that each host indicates, in order, with
the decision there. A block shows the arbitration and the filter that won. Scenarios are built in, or YAML files (docs/scenarios.md).

EXAMPLES
  wfplab session --list
  wfplab session tcp-session
  wfplab session tcp-connect --server-policy wfpstate.xml --server-port 445 --server-app System --profile public
  wfplab session tcp-connect --server-port 3389 --with "allow in tcp 3389"
  wfplab session udp-session --pcap udp.pcapng --diagram udp.svg
  wfplab session tcp-connect --with "block in tcp 8080" --event-log security.xml --net-events netevents.xml
  wfplab session my-proxy.yaml --family v6
  wfplab session tcp-no-listener --json

EXIT STATUS
  0  played, and all that a scenario expects has happened
  1  something that the scenario expects has not
  2  wrong usage, a scenario or policy that cannot be read`;

export const sessionCommand = buildCommand<SessionFlags, [name?: string], CliContext>({
  loader: async () => (await import("./session.ts")).session,
  parameters: {
    positional: {
      kind: "tuple",
      parameters: [
        { brief: "Built-in scenario (--list names them), a YAML file, or -", parse: String, placeholder: "SCENARIO", optional: true },
      ],
    },
    flags: {
      list: { kind: "boolean", brief: "List the built-in scenarios", default: false, withNegated: false },
      policy: {
        kind: "parsed",
        parse: String,
        brief: "Policy of every host: a netsh file, firewall rules, -, @desktop, @server, or @bare for none",
        placeholder: "FILE",
        optional: true,
      },
      clientPolicy: {
        kind: "parsed",
        parse: String,
        brief: "Policy of the host named client",
        placeholder: "FILE",
        optional: true,
      },
      serverPolicy: {
        kind: "parsed",
        parse: String,
        brief: "Policy of the host named server",
        placeholder: "FILE",
        optional: true,
      },
      hostPolicy: {
        kind: "parsed",
        parse: String,
        brief: "Policy of one host, HOST=FILE",
        placeholder: "HOST=FILE",
        optional: true,
        variadic: true,
      },
      family: { kind: "enum", values: ["v4", "v6"], brief: "IP version; the scenario's usual one unless told", optional: true },
      windows: { kind: "enum", values: ["vista", "7", "8", "10", "11"], brief: "Version of Windows on every host", optional: true },
      clientApp: { kind: "parsed", parse: String, brief: "Program of the client, a DOS or NT path", placeholder: "PATH", optional: true },
      serverApp: { kind: "parsed", parse: String, brief: "Program of the server, a DOS or NT path", placeholder: "PATH", optional: true },
      serverPort: {
        kind: "parsed",
        parse: numberParser,
        brief: "Port of the server: $port of the scenario",
        placeholder: "PORT",
        optional: true,
      },
      profile: { kind: "enum", values: ["public", "private", "domain"], brief: "Network category of every host", optional: true },
      ...WHAT_IF_FLAGS,
      change: {
        kind: "parsed",
        parse: String,
        brief: "Whose policy the what-if flags change; server unless told",
        placeholder: "HOST",
        optional: true,
      },
      ...INTERPRETATION_FLAG,
      packets: { kind: "boolean", brief: "Also print what crosses the wire", default: false, withNegated: false },
      pcap: { kind: "parsed", parse: String, brief: "Write what crosses the wire as pcapng", placeholder: "OUT.pcapng", optional: true },
      diagram: { kind: "parsed", parse: String, brief: "Draw the session as SVG", placeholder: "OUT.svg", optional: true },
      eventLog: {
        kind: "parsed",
        parse: String,
        brief: "Write the Security log's events as XML (docs/diagnostics.md)",
        placeholder: "OUT.xml",
        optional: true,
      },
      netEvents: {
        kind: "parsed",
        parse: String,
        brief: "Write the net events as netsh does (docs/diagnostics.md)",
        placeholder: "OUT.xml",
        optional: true,
      },
      ...STRICT_FLAG,
      ...JSON_FLAG,
      verbose: { kind: "counter", brief: "Also print indicated values, every arbitration, and events", optional: true },
    },
    aliases: { v: "verbose" },
  },
  docs: { brief: "Run hosts through a documented flow or a scenario file, layer by layer", fullDescription: DESCRIPTION },
});
