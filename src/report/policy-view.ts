import type { Fidelity, Filter, Guid, Layer, Policy } from "../model/index.ts";
import { inEvaluationOrder, subLayerOf } from "./evaluation-order.ts";
import { PolicyNames } from "./policy-names.ts";

/** A policy as `show` browses it: names, and filters in their order, by layer. */
export class PolicyView {
  readonly policy: Policy;
  readonly names: PolicyNames;
  readonly fidelity: Fidelity;
  /** In the order of evaluation. */
  readonly filters: readonly Filter[];
  /** Whether wfplab knows what a callout does. */
  readonly isModelled: (calloutKey: Guid) => boolean;
  readonly #layers: ReadonlyMap<Guid, Layer>;

  constructor(policy: Policy, fidelity: Fidelity, isModelled: (calloutKey: Guid) => boolean) {
    this.policy = policy;
    this.fidelity = fidelity;
    this.isModelled = isModelled;
    this.names = new PolicyNames(policy);
    this.filters = inEvaluationOrder(policy);
    this.#layers = new Map(policy.layers.map((layer) => [layer.key, layer]));
  }

  layerOf(filter: Filter): Layer | undefined {
    return this.#layers.get(filter.layerKey);
  }

  filtersAt(layer: Layer): readonly Filter[] {
    return this.filters.filter((filter) => filter.layerKey === layer.key);
  }

  subLayerOf(filter: Filter): Guid {
    return subLayerOf(filter, this.layerOf(filter));
  }

  /** How many filters fulfil `test`, by what `keyOf` says. */
  tally<K>(keyOf: (filter: Filter) => K): ReadonlyMap<K, number> {
    const counts = new Map<K, number>();
    for (const filter of this.filters) counts.set(keyOf(filter), (counts.get(keyOf(filter)) ?? 0) + 1);
    return counts;
  }
}
