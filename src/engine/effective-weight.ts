import type { FilterWeight } from "../model/index.ts";

/** WFP-SEMANTICS 3.1: an exact weight as it is; a range of 0..15 above the automatic 60 bits; the automatic bits alone. */
export function effectiveWeight(weight: FilterWeight, auto: bigint): bigint {
  switch (weight.type) {
    case "FWP_UINT64":
      return weight.value;
    case "FWP_UINT8":
      return (BigInt(weight.value) << 60n) | auto;
    case "FWP_EMPTY":
      return auto;
  }
}
