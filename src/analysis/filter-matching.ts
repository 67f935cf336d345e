import {
  type Condition,
  type Filter,
  type FilterChange,
  type FwpValue,
  type Guid,
  layerName,
  type Policy,
  SUBLAYER_KEY,
} from "../model/index.ts";

/** Filters of two policies side by side. */
export interface MatchedFilters {
  readonly changes: readonly FilterChange[];
  readonly sameKey: number;
  readonly sameShape: number;
}

/**
 * Which filters of two policies are the same. By key first, as on one machine; the rest by shape (layer, sublayer, action, weight, conditions,
 * flags), those of one name first, as across machines, where keys, ids and languages are others. A key that is in both with another shape is a change.
 */
export function matchFilters(before: Policy, after: Policy): MatchedFilters {
  const [names, otherNames] = [subLayersOf(before), subLayersOf(after)];
  const byKey = new Map(after.filters.map((filter) => [filter.key, filter]));
  const layers = new Map([...before.layers, ...after.layers].map((layer) => [layer.key, layer]));
  const layerOf = ({ layerKey }: Filter) => layers.get(layerKey) ?? null;
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
    else changes.push({ kind: "changed", before: filter, after: other, differences, layer: layerOf(other) });
  }
  const rest = after.filters.filter((filter) => !used.has(filter));
  const [shape, otherShape] = [(filter: Filter) => shapeOf(filter, names), (filter: Filter) => shapeOf(filter, otherNames)];
  const named = paired(left, rest, [(filter) => `${filter.name} ${shape(filter)}`, (filter) => `${filter.name} ${otherShape(filter)}`]);
  // Windows calls its filters by the language of the machine.
  const alike = paired(named.before, named.after, [shape, otherShape]);
  for (const filter of alike.before)
    changes.push({ kind: "removed", before: filter, after: null, differences: [], layer: layerOf(filter) });
  for (const filter of alike.after) changes.push({ kind: "added", before: null, after: filter, differences: [], layer: layerOf(filter) });
  const sameShape = named.pairs + alike.pairs;
  return { changes, sameKey, sameShape };
}

type Names = ReadonlyMap<Guid, string>;

const WELL_KNOWN: ReadonlySet<Guid> = new Set(Object.values(SUBLAYER_KEY));

/** Sublayers by name, as their keys may be made up by each machine; Windows' own by key, as they are called differently. */
function subLayersOf({ subLayers }: Policy): Names {
  return new Map(subLayers.map(({ key, name }) => [key, WELL_KNOWN.has(key) ? key : name]));
}

function shapeOf(filter: Filter, names: Names): string {
  return JSON.stringify(partsOf(filter, names).map(([, text]) => text));
}

/** What is left of two lists after pairs of equal texts were taken out, and how many those were. */
function paired(
  before: readonly Filter[],
  after: readonly Filter[],
  [textOf, otherTextOf]: readonly [(filter: Filter) => string, (filter: Filter) => string],
) {
  const byText = new Map<string, Filter[]>();
  for (const filter of after) {
    const text = otherTextOf(filter);
    const list = byText.get(text);
    if (list === undefined) byText.set(text, [filter]);
    else list.push(filter);
  }
  const left: Filter[] = [];
  const used = new Set<Filter>();
  for (const filter of before) {
    const other = byText.get(textOf(filter))?.shift();
    if (other === undefined) left.push(filter);
    else used.add(other);
  }
  return { before: left, after: after.filter((filter) => !used.has(filter)), pairs: used.size };
}

function differencesOf(before: Filter, after: Filter, names: Names, otherNames: Names): string[] {
  const [one, other] = [partsOf(before, names), partsOf(after, otherNames)];
  const parts = one.flatMap(([part, text], index) => (other[index]?.[1] === text ? [] : [part]));
  // An automatic weight follows the conditions.
  const isAutomatic = isAutomaticWeight(before) && isAutomaticWeight(after);
  return isAutomatic && parts.includes("conditions") ? parts.filter((part) => part !== "weight") : parts;
}

function isAutomaticWeight({ weight }: Filter): boolean {
  return weight.type !== "FWP_UINT64";
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
