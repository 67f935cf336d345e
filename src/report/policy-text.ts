import type { Policy } from "../model/index.ts";
import { plural } from "./number-text.ts";

const kinds: Readonly<Record<Policy["completeness"], string>> = {
  state: "netsh wfp show state",
  filters: "netsh wfp show filters",
  built: "made by wfplab",
};

/** `wfpstate.xml (netsh wfp show state of 2024-05-01T10:00:00Z, 1,254 filters)`. */
export function policyText(policy: Policy): string {
  const time = policy.timeStamp === null ? "" : ` of ${policy.timeStamp}`;
  return `${policy.source} (${kinds[policy.completeness]}${time}, ${plural(policy.filters.length, "filter")})`;
}
