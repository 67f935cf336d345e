import type { Decision, FieldValue, FilterResult, Layer, SubLayerResult } from "../model/index.ts";
import type { ClassifyContext } from "./classify-context.ts";
import type { FilterEngine } from "./filter-engine.ts";

/** One classification with everything a reader may ask about it. */
export interface CollectedTrace {
  readonly decision: Decision;
  /** Every sublayer that has a filter at the layer, by descending weight. */
  readonly subLayers: SubLayerResult[];
  /** Every filter of the layer in the order of evaluation; empty unless asked for. */
  readonly filters: FilterResult[];
}

/** Classifies with a sink that keeps what it is told. */
export function collectTrace(
  engine: FilterEngine,
  layer: Layer,
  values: readonly FieldValue[],
  context: ClassifyContext,
  options: { readonly filters: boolean },
): CollectedTrace {
  const subLayers: SubLayerResult[] = [];
  const filters: FilterResult[] = [];
  const decision = engine.classify(layer, values, context, {
    wantsFilters: options.filters,
    filter: (result) => filters.push(result),
    subLayer: (result) => subLayers.push(result),
    decision: () => undefined,
  });
  return { decision, subLayers, filters };
}
