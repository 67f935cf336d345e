import type { Filter, Guid } from "../model/index.ts";
import { freeSubLayerWeight } from "./sublayer-weight.ts";

const TOP = 0x10000;

/**
 * Where sublayers of unknown weight are put when nothing tells: above Windows Firewall's at 0..7, where third parties' usually are, and
 * below the built-in ones for IPsec at 0x2000 and up.
 */
const UNLISTED_WEIGHT = 0x0fff;

export interface PlacedSubLayer {
  readonly weight: number;
  /** Whether the order of the filters in the file says so. */
  readonly byOrder: boolean;
}

/**
 * Weights for sublayers that no list has. `netsh wfp show filters` prints filters in the order of their evaluation: at each layer by
 * sublayer weight, then by effective weight, both descending (WFP-DIAGNOSTICS-FIREWALL 5.4; measured on every recorded file). So the
 * order says which sublayer is above which, and only the distance is made up. Filters in any other order say nothing.
 * `sorted`: whether the source is one that sorts.
 */
export function placeSubLayers(
  unlisted: readonly Guid[],
  known: ReadonlyMap<Guid, number>,
  filters: readonly Filter[],
  sorted: boolean,
): ReadonlyMap<Guid, PlacedSubLayer> {
  const taken = new Set(known.values());
  const placed = new Map<Guid, PlacedSubLayer>();
  const runs = sorted && unlisted.length > 0 ? runsOf(filters) : undefined;
  const order = runs === undefined ? undefined : orderOf(runs, known);
  const byOrder = order === undefined ? undefined : assign(order, known, taken);
  for (const key of unlisted) {
    const weight = byOrder?.get(key) ?? freeSubLayerWeight(UNLISTED_WEIGHT, taken);
    taken.add(weight);
    placed.set(key, { weight, byOrder: byOrder?.has(key) ?? false });
  }
  return placed;
}

/** The sublayers at each layer in the order of their filters; undefined where the filters are not sorted. */
function runsOf(filters: readonly Filter[]): Guid[][] | undefined {
  const byLayer = new Map<Guid, { run: Guid[]; last: Filter }>();
  for (const filter of filters) {
    const seen = byLayer.get(filter.layerKey);
    if (seen === undefined) {
      byLayer.set(filter.layerKey, { run: [filter.subLayerKey], last: filter });
      continue;
    }
    if (seen.last.subLayerKey !== filter.subLayerKey) {
      if (seen.run.includes(filter.subLayerKey)) return undefined;
      seen.run.push(filter.subLayerKey);
    } else if (filter.effectiveWeight > seen.last.effectiveWeight) return undefined;
    seen.last = filter;
  }
  return [...byLayer.values()].map(({ run }) => run);
}

/** All sublayers from the highest down, as the runs and the known weights have them; undefined where those contradict each other. */
function orderOf(runs: readonly (readonly Guid[])[], known: ReadonlyMap<Guid, number>): Guid[] | undefined {
  const nodes = new Set(runs.flat());
  const weighed = [...nodes].filter((key) => known.has(key)).sort((a, b) => (known.get(b) ?? 0) - (known.get(a) ?? 0));
  const below = new Map<Guid, Set<Guid>>([...nodes].map((key) => [key, new Set()]));
  for (const run of [...runs, weighed]) {
    for (const [index, key] of run.entries()) {
      const next = run[index + 1];
      if (next !== undefined) below.get(key)?.add(next);
    }
  }
  const above = new Map<Guid, number>([...nodes].map((key) => [key, 0]));
  for (const targets of below.values()) for (const key of targets) above.set(key, (above.get(key) ?? 0) + 1);
  const order: Guid[] = [];
  while (order.length < nodes.size) {
    // Those that nobody knows go as high as they can.
    const ready = [...nodes].filter((key) => above.get(key) === 0);
    const next = ready.find((key) => !known.has(key)) ?? ready[0];
    if (next === undefined) return undefined;
    order.push(next);
    above.set(next, -1);
    for (const key of below.get(next) ?? []) above.set(key, (above.get(key) ?? 0) - 1);
  }
  return order;
}

/** Weights for the unknown ones between their neighbours; undefined where a gap is too small. */
function assign(
  order: readonly Guid[],
  known: ReadonlyMap<Guid, number>,
  taken: ReadonlySet<number>,
): ReadonlyMap<Guid, number> | undefined {
  const weights = new Map<Guid, number>();
  let upper = TOP;
  let waiting: Guid[] = [];
  const settle = (lower: number): boolean => {
    const free: number[] = [];
    const usual = lower < UNLISTED_WEIGHT && UNLISTED_WEIGHT < upper ? UNLISTED_WEIGHT : upper - 1;
    for (let weight = usual; weight > lower && free.length < waiting.length; weight--) if (!taken.has(weight)) free.push(weight);
    for (let weight = usual + 1; weight < upper && free.length < waiting.length; weight++) if (!taken.has(weight)) free.unshift(weight);
    for (const [index, key] of waiting.entries()) weights.set(key, free[index] ?? 0);
    const enough = free.length === waiting.length;
    waiting = [];
    return enough;
  };
  for (const key of order) {
    const weight = known.get(key);
    if (weight === undefined) waiting.push(key);
    else {
      if (!settle(weight)) return undefined;
      upper = weight;
    }
  }
  return settle(-1) ? weights : undefined;
}
