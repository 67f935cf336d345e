import type { Decision, FilterResult, Layer, SubLayerResult } from "../model/index.ts";

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
