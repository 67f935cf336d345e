import { buildCommand } from "@stricli/core";
import type { CliContext } from "../context.ts";
import { POLICY_FLAG, type PolicyFlag, QUESTION_FLAGS, type QuestionFlags } from "../questions/question-flags.ts";

export interface ReachFlags extends QuestionFlags, PolicyFlag {
  readonly app?: string;
  readonly service?: string;
  readonly user?: string;
  readonly port?: string;
  readonly protocol: string;
  readonly profile?: "public" | "private" | "domain";
  readonly to?: string;
  readonly from?: string;
  readonly toPolicy?: string;
  readonly classes: string;
}

const DESCRIPTION = `Lists what can reach what: where a program, service or user of this host can connect (--app, --service, --user), or who can
reach a port of it (--port). With --to-policy, what gets from this host to another one: out of the first policy and into the second
(docs/reach.md).

EXAMPLES
  wfplab reach --app "C:\\Program Files\\Agent\\agent.exe" --policy wfpstate.xml
  wfplab reach --port 445 --profile public --policy wfpstate.xml
  wfplab reach --port 3389 --from 10.0.0.0/8
  wfplab reach --policy client.xml --to-policy server.xml --to 10.0.0.1 --port 443

EXIT STATUS
  0 something can   1 nothing can, which is proved   3 not settled within the budget`;

const text = (brief: string, placeholder: string) => ({ kind: "parsed", parse: String, brief, placeholder, optional: true }) as const;

export const reachCommand = buildCommand<ReachFlags, [], CliContext>({
  loader: async () => (await import("./reach.ts")).reach,
  parameters: {
    flags: {
      ...POLICY_FLAG,
      app: text("What this program can reach", "PATH"),
      service: text("What this service can reach, or with --port whether it can be reached", "NAME"),
      user: text("What programs of this account can reach: SID or name", "ACCOUNT"),
      port: text("Who can reach this port (or ports: 80,443)", "PORTS"),
      protocol: { kind: "parsed", parse: String, brief: "Protocols, with commas, or any", placeholder: "NAMES", default: "tcp,udp" },
      profile: { kind: "enum", values: ["public", "private", "domain"], brief: "Only on networks of this category", optional: true },
      from: text("Only from these addresses", "ADDRESSES"),
      to: text("Only to these addresses", "ADDRESSES"),
      toPolicy: text("Policy of the host at the other end", "FILE"),
      classes: { kind: "parsed", parse: String, brief: "Classes listed for each part of the answer", placeholder: "N", default: "20" },
      ...QUESTION_FLAGS,
    },
  },
  docs: { brief: "What a program can reach, and who can reach a port", fullDescription: DESCRIPTION },
});
