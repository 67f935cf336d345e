import type { FilterWeight } from "../../model/index.ts";

/** Weight ranges of the firewall's own sublayer (WFP-DIAGNOSTICS-FIREWALL 6.2). Inside a range the more specific filter comes first. */
export const TIER = {
  bootBlock: 0,
  bootPermit: 1,
  defaults: 3,
  profileDefaults: 8,
  allow: 9,
  block: 10,
  /** Where "override block rules" stands is not known (Q11); directly above the block rules is the least that does what it says. */
  bypass: 11,
  stealthDefault: 12,
} as const;

export const tier = (value: number): FilterWeight => ({ type: "FWP_UINT8", value });

/** Left to the engine: more specific filters come first. */
export const AUTO_WEIGHT: FilterWeight = { type: "FWP_EMPTY" };

export const exactWeight = (value: bigint): FilterWeight => ({ type: "FWP_UINT64", value });

export const MAX_WEIGHT: FilterWeight = exactWeight(0xffff_ffff_ffff_ffffn);

/** Below {@link MAX_WEIGHT} by one: loopback blocks that the loopback permits hide. */
export const BELOW_MAX_WEIGHT: FilterWeight = exactWeight(0xffff_ffff_ffff_fffen);

/** The weight every recorded machine shows on the stealth filters of ICMP errors, the first V4 range excepted, which has the maximum. */
export const STEALTH_ICMP_WEIGHT: FilterWeight = exactWeight(0xffff_ffff_0000_0002n);
