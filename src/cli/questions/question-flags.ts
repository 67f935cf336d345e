import type { WindowsVersion } from "../../model/index.ts";

/** Flags of every command that asks about all packets at once. */
export interface QuestionFlags {
  readonly windows?: WindowsVersion;
  readonly interpretation?: readonly string[];
  readonly volume?: readonly string[];
  readonly maxNodes?: number;
  readonly strict: boolean;
  readonly json: boolean;
  readonly explain: boolean;
}

/** The flag for one policy. */
export interface PolicyFlag {
  readonly policy?: string;
}

const text = (brief: string, placeholder: string) => ({ kind: "parsed", parse: String, brief, placeholder, optional: true }) as const;

/** The policy, and how it is read. */
export const POLICY_FLAG = { policy: text("Policy of the host: a netsh file, rules, -, @desktop or @server", "FILE") } as const;

/** For a command's `parameters.flags`. */
export const QUESTION_FLAGS = {
  windows: {
    kind: "enum",
    values: ["vista", "7", "8", "10", "11"],
    brief: "Version of Windows; the policy's unless told",
    optional: true,
  },
  interpretation: {
    ...text("A choice where Microsoft's text is silent, NAME=VALUE (docs/model.md)", "NAME=VALUE"),
    variadic: true,
  },
  volume: {
    ...text("Device of a drive; C: is read from the policy, others are unknown", "C:=\\Device\\…"),
    variadic: true,
  },
  maxNodes: {
    kind: "parsed",
    parse: Number,
    brief: "Nodes that a set may take; beyond that the answer says what is not settled (8 million)",
    placeholder: "N",
    optional: true,
  },
  strict: { kind: "boolean", brief: "Refuse a policy with anything unknown in it", default: false, withNegated: false },
  json: { kind: "boolean", brief: "Print a JSON record a line (docs/json.md)", default: false, withNegated: false },
  explain: {
    kind: "boolean",
    brief: "Also how the answer was found, and the full trace of each witness",
    default: false,
    withNegated: false,
  },
} as const;
