import type { Filter, Guid, Layer, Policy, SchemaFamily } from "../model/index.ts";
import { autoWeight } from "./auto-weight.ts";
import { effectiveWeight } from "./effective-weight.ts";

/** One filter's effective weight beside the one computed here. */
export interface WeightCheck {
  readonly filter: Filter;
  readonly expected: bigint;
  /** False where the automatic weight rests on a slot that no recording has pinned, or the layer is unknown. */
  readonly verified: boolean;
  readonly exact: boolean;
}

export interface WeightReport {
  readonly filters: number;
  readonly exact: number;
  readonly unverified: number;
  readonly wrong: number;
  readonly details: readonly WeightCheck[];
}

/** Recomputes every effective weight of a policy (`wfplab show --weights`). */
export function verifyWeights(policy: Policy): WeightReport {
  const details = checkWeights(policy.filters, policy.layers, policy.schemaFamily);
  return {
    filters: details.length,
    exact: details.filter((check) => check.verified && check.exact).length,
    unverified: details.filter((check) => !check.verified).length,
    wrong: details.filter((check) => check.verified && !check.exact).length,
    details,
  };
}

function checkWeights(filters: readonly Filter[], layers: readonly Layer[], family: SchemaFamily): WeightCheck[] {
  const byKey = new Map<Guid, Layer>(layers.map((layer) => [layer.key, layer]));
  return filters.map((filter) => {
    const layer = byKey.get(filter.layerKey);
    if (filter.weight.type === "FWP_UINT64") return compare(filter, filter.weight.value, true);
    if (layer === undefined) return compare(filter, filter.effectiveWeight, false);
    const auto = autoWeight(layer, filter.conditions, family);
    return compare(filter, effectiveWeight(filter.weight, auto.weight), auto.verified);
  });
}

function compare(filter: Filter, expected: bigint, verified: boolean): WeightCheck {
  return { filter, expected, verified, exact: filter.effectiveWeight === expected };
}
