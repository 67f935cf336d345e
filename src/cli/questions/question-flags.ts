import { JSON_FLAG, MODEL_FLAGS, type ModelFlags, STRICT_FLAG } from "../model-flags.ts";

/** Flags of every command that asks about all packets at once. */
export interface QuestionFlags extends ModelFlags {
  readonly maxNodes?: string;
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
  ...MODEL_FLAGS,
  maxNodes: {
    kind: "parsed",
    parse: String,
    brief: "Nodes that a set may take; beyond that the answer says what is not settled (8 million)",
    placeholder: "N",
    optional: true,
  },
  ...STRICT_FLAG,
  ...JSON_FLAG,
  explain: {
    kind: "boolean",
    brief: "Also how the answer was found, and the full trace of each witness",
    default: false,
    withNegated: false,
  },
} as const;
