import type { WindowsVersion } from "../model/index.ts";

/** The flags that say how the model behaves; the same on every command that runs it. */
export interface ModelFlags extends InterpretationFlag {
  readonly windows?: WindowsVersion;
  readonly volume?: readonly string[];
}

export interface InterpretationFlag {
  readonly interpretation?: readonly string[];
}

const texts = (brief: string, placeholder: string) =>
  ({ kind: "parsed", parse: String, brief, placeholder, optional: true, variadic: true }) as const;

/** For a command's `parameters.flags`. */
export const INTERPRETATION_FLAG = {
  interpretation: texts("A choice where Microsoft's text is silent, NAME=VALUE (docs/model.md)", "NAME=VALUE"),
} as const;

/** For a command's `parameters.flags`. */
export const MODEL_FLAGS = {
  windows: {
    kind: "enum",
    values: ["vista", "7", "8", "10", "11"],
    brief: "Version of Windows; the policy's unless told",
    optional: true,
  },
  ...INTERPRETATION_FLAG,
  volume: texts("Device of a drive; C: is read from the policy, others are unknown", "D:=DEVICE"),
} as const;

/** For a command's `parameters.flags`. */
export const STRICT_FLAG = {
  strict: { kind: "boolean", brief: "Refuse a policy with anything unknown in it", default: false, withNegated: false },
} as const;

/** For a command's `parameters.flags`. */
export const JSON_FLAG = {
  json: { kind: "boolean", brief: "Print a JSON record a line (docs/json.md)", default: false, withNegated: false },
} as const;
