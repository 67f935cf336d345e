import { type Filter, type Layer, type Policy, ZERO_GUID } from "../model/index.ts";

/**
 * The filters in the order in which Windows lists and evaluates them: by layer, sublayer weight, effective weight and age, the newest first
 * (WFP-SEMANTICS 3.3).
 */
export function inEvaluationOrder(policy: Policy): Filter[] {
  const layers = new Map(policy.layers.map((layer) => [layer.key, layer]));
  const weights = new Map(policy.subLayers.map((subLayer) => [subLayer.key, subLayer.weight]));
  const layerId = (filter: Filter) => layers.get(filter.layerKey)?.id ?? Number.MAX_SAFE_INTEGER;
  const weight = (filter: Filter) => weights.get(subLayerOf(filter, layers.get(filter.layerKey))) ?? -1;
  return [...policy.filters].sort((a, b) => layerId(a) - layerId(b) || weight(b) - weight(a) || compareInSubLayer(a, b));
}

function compareInSubLayer(a: Filter, b: Filter): number {
  if (a.subLayerKey !== b.subLayerKey) return a.subLayerKey < b.subLayerKey ? -1 : 1;
  if (a.effectiveWeight !== b.effectiveWeight) return a.effectiveWeight > b.effectiveWeight ? -1 : 1;
  return a.filterId === b.filterId ? 0 : a.filterId > b.filterId ? -1 : 1;
}

/** A zero sublayer key stands for the layer's default sublayer (WFP-SEMANTICS 1.3). */
export function subLayerOf(filter: Filter, layer: Layer | undefined): Filter["subLayerKey"] {
  return filter.subLayerKey === ZERO_GUID && layer !== undefined ? layer.defaultSubLayer : filter.subLayerKey;
}
