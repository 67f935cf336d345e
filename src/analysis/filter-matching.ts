import { type Condition, type Filter, type FilterChange, type FwpValue, type Guid, layerName, type Policy } from "../model/index.ts";

/** Filters of two policies side by side. */
export interface MatchedFilters {
  readonly changes: readonly FilterChange[];
  readonly sameKey: number;
  readonly sameShape: number;
}

/**
 * Which filters of two policies are the same. By key first, as on one machine; the rest by shape (name, layer, sublayer, action, conditions,
 * flags), as across machines, where keys and ids are others. A key that is in both with another shape is a change.
 */
export function matchFilters(before: Policy, after: Policy): MatchedFilters {
  const [names, otherNames] = [subLayersOf(before), subLayersOf(after)];
  const byKey = new Map(after.filters.map((filter) => [filter.key, filter]));
  const changes: FilterChange[] = [];
  const left: Filter[] = [];
  const used = new Set<Filter>();
  let sameKey = 0;
  for (const filter of before.filters) {
    const other = byKey.get(filter.key);
    if (other === undefined) {
      left.push(filter);
      continue;
    }
    used.add(other);
    const differences = differencesOf(filter, other, names, otherNames);
    if (differences.length === 0) sameKey++;
    else changes.push({ kind: "changed", before: filter, after: other, differences });
  }
  const byShape = new Map<string, Filter[]>();
  for (const filter of after.filters) {
    if (used.has(filter)) continue;
    const shape = shapeOf(filter, otherNames);
    byShape.set(shape, [...(byShape.get(shape) ?? []), filter]);
  }
  let sameShape = 0;
  for (const filter of left) {
    const other = byShape.get(shapeOf(filter, names))?.shift();
    if (other === undefined) changes.push({ kind: "removed", before: filter, after: null, differences: [] });
    else sameShape++;
  }
  for (const filter of [...byShape.values()].flat()) changes.push({ kind: "added", before: null, after: filter, differences: [] });
  return { changes, sameKey, sameShape };
}

type Names = ReadonlyMap<Guid, string>;

/** Sublayers by name, as their keys may be made up by each machine. */
function subLayersOf({ subLayers }: Policy): Names {
  return new Map(subLayers.map(({ key, name }) => [key, name]));
}

function shapeOf(filter: Filter, names: Names): string {
  return JSON.stringify([filter.name, ...partsOf(filter, names).map(([, text]) => text)]);
}

function differencesOf(before: Filter, after: Filter, names: Names, otherNames: Names): string[] {
  const [one, other] = [partsOf(before, names), partsOf(after, otherNames)];
  return one.flatMap(([part, text], index) => (other[index]?.[1] === text ? [] : [part]));
}

function partsOf(filter: Filter, names: Names): readonly (readonly [string, string])[] {
  const { action } = filter;
  return [
    ["layer", layerName(filter.layerKey)],
    ["sublayer", names.get(filter.subLayerKey) ?? filter.subLayerKey],
    ["action", `${action.type} ${"calloutKey" in action ? action.calloutKey : ""}`],
    ["weight", String(filter.effectiveWeight)],
    ["flags", String(filter.flags)],
    ["conditions", filter.conditions.map(conditionText).toSorted().join("\n")],
  ];
}

function conditionText({ fieldKey, matchType, value }: Condition): string {
  return `${fieldKey} ${matchType} ${valueText(value)}`;
}

function valueText(value: FwpValue): string {
  return JSON.stringify(value, (_, part) =>
    typeof part === "bigint" ? `${part}n` : part instanceof Uint8Array ? [...part].join(",") : part,
  );
}
