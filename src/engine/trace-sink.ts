import type { Condition, Decision, Filter, Layer, SubLayerResult } from "../model/index.ts";

/** Kleene truth of a condition or of a filter's match. */
export type Truth = "true" | "false" | "unknown";

export interface ConditionResult {
  readonly condition: Condition;
  readonly truth: Truth;
}

export interface FilterResult {
  readonly filter: Filter;
  readonly truth: Truth;
  /** Per field: the OR of its conditions; the order of the filter. */
  readonly conditions: readonly ConditionResult[];
  /** False where a filter above it had already ended the sublayer, so that it was not consulted. */
  readonly consulted: boolean;
}

/**
 * Looks on while the evaluator works. The evaluator is the same with and without it; without it nothing is recorded.
 * `wantsFilters` asks for every filter of the layer, the ones the index skips included.
 */
export interface TraceSink {
  readonly wantsFilters: boolean;
  filter?(result: FilterResult): void;
  subLayer(result: SubLayerResult): void;
  decision(layer: Layer, decision: Decision): void;
}
