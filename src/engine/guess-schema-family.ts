import { type Filter, type Guid, type Layer, layersOfFamily, type SchemaFamily } from "../model/index.ts";
import { autoWeight } from "./auto-weight.ts";
import { effectiveWeight } from "./effective-weight.ts";

/** Most recent first, so that a dump without telling filters is read as a current Windows. A and B weigh alike. */
const CANDIDATES: readonly SchemaFamily[] = ["C", "B", "D"];

/**
 * The schema family that explains most of the filters' automatic weights. A dump without layers (`netsh wfp show filters`) does not
 * say which Windows wrote it, but its weights do: every field a schema has takes its share of the 60 bits.
 */
export function guessSchemaFamily(filters: readonly Filter[]): SchemaFamily {
  let best: { family: SchemaFamily; exact: number } = { family: "C", exact: -1 };
  for (const family of CANDIDATES) {
    const layers = new Map<Guid, Layer>(layersOfFamily(family).map((layer) => [layer.key, layer]));
    let exact = 0;
    for (const filter of filters) {
      const layer = layers.get(filter.layerKey);
      if (layer === undefined || filter.weight.type === "FWP_UINT64" || filter.conditions.length === 0) continue;
      const auto = autoWeight(layer, filter.conditions, family);
      if (effectiveWeight(filter.weight, auto.weight) === filter.effectiveWeight) exact++;
    }
    if (exact > best.exact) best = { family, exact };
  }
  return best.family;
}
