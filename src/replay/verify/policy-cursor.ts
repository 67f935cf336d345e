import { buildPolicy, FilterEngine } from "../../engine/index.ts";
import type { Filter, Guid, Interpretation, Layer, Policy, RecordedFilterChange } from "../../model/index.ts";
import type { EventPolicyTimeline } from "../../sources/index.ts";

/** Where a filter comes and goes in a log. */
interface Life {
  readonly added: number[];
  readonly deleted: number[];
  filter: Filter;
}

/** The policy that a verdict is compared with. */
export interface VerdictPolicy {
  readonly engine: FilterEngine;
  /** Layers by run-time id. */
  layer(id: number): Layer | undefined;
  /** The filter with this id, at any time. */
  filter(id: bigint): Filter | undefined;
  /** Records between the verdict and the place in the log whose policy decides, which is taken up; 0 for a policy that stands still. */
  moveTo(verdictIndex: number, filterId: bigint | null): number;
}

/** A dump or rules: one policy for all verdicts. */
export function standingPolicy(policy: Policy, interpretation: Partial<Interpretation> = {}): VerdictPolicy {
  const byId = new Map(policy.filters.map((filter) => [filter.filterId, filter]));
  const layers = new Map(policy.layers.map((layer) => [layer.id, layer]));
  return {
    engine: new FilterEngine(policy, { interpretation }),
    layer: (id) => layers.get(id),
    filter: (id) => byId.get(id),
    moveTo: () => 0,
  };
}

/**
 * A policy rebuilt from a log, moved to and fro along it. Events of filters are written later than the filters take effect, so that a
 * verdict may name one whose event is still to come: then the policy of that later place decided.
 */
export class MovingPolicy implements VerdictPolicy {
  readonly engine: FilterEngine;
  readonly #policy: Policy;
  readonly #changes: readonly { readonly index: number; readonly record: RecordedFilterChange }[];
  readonly #layers: ReadonlyMap<number, Layer>;
  readonly #lives = new Map<bigint, Life>();
  readonly #filters = new Map<bigint, Filter>();
  /** Changes that are in `#filters`. */
  #applied = 0;
  #isStarting = false;

  constructor(timeline: EventPolicyTimeline, interpretation: Partial<Interpretation> = {}) {
    this.#policy = buildPolicy(timeline.everything());
    this.#changes = timeline.filterChanges();
    const layers = new Map(this.#policy.layers.map((layer) => [layer.id, layer]));
    const byKey = new Map(this.#policy.layers.map((layer) => [layer.key, layer]));
    for (const [at, { record }] of this.#changes.entries()) {
      const { filter, layerId } = record;
      const life = this.#lives.get(filter.filterId) ?? { added: [], deleted: [], filter };
      life[record.change === "delete" ? "deleted" : "added"].push(at);
      if (record.change !== "delete") life.filter = filter;
      this.#lives.set(filter.filterId, life);
      // Ids shift between versions of Windows above 57 (SCHEMA 2): the log has them right.
      const layer = byKey.get(filter.layerKey);
      if (layer !== undefined) layers.set(layerId, layer);
    }
    this.#layers = layers;
    this.engine = new FilterEngine({ ...this.#policy, filters: [] }, { interpretation });
  }

  layer(id: number): Layer | undefined {
    return this.#layers.get(id);
  }

  filter(id: bigint): Filter | undefined {
    return this.#lives.get(id)?.filter;
  }

  moveTo(verdictIndex: number, filterId: bigint | null): number {
    const own = this.#firstAfter(verdictIndex);
    const target = filterId === null ? own : this.#whenAlive(own, filterId);
    this.#goTo(target);
    return target - own;
  }

  /** How many changes the log has before a record. */
  #firstAfter(index: number): number {
    let low = 0;
    let high = this.#changes.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#changes[middle]?.index ?? 0) < index) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The place nearest to `own` where the filter exists. */
  #whenAlive(own: number, filterId: bigint): number {
    const life = this.#lives.get(filterId);
    if (life === undefined) return own;
    const lastAdded = life.added.findLast((at) => at < own);
    const lastDeleted = life.deleted.findLast((at) => at < own);
    if (lastAdded !== undefined && (lastDeleted === undefined || lastDeleted < lastAdded)) return own;
    const nextAdded = life.added.find((at) => at >= own);
    if (nextAdded !== undefined) return this.#endOfList(nextAdded);
    // Never added in this log, or gone before: the last place before its end.
    return lastDeleted ?? life.deleted.find((at) => at >= own) ?? own;
  }

  /** What is listed at start was there together. */
  #endOfList(at: number): number {
    let end = at + 1;
    if (this.#changes[at]?.record.change === "present") {
      while (this.#changes[end]?.record.change === "present") end++;
    }
    return end;
  }

  #goTo(target: number): void {
    if (target === this.#applied && target > 0) return;
    const touched = new Set<Guid>();
    if (target < this.#applied) {
      for (const { layerKey } of this.#filters.values()) touched.add(layerKey);
      this.#filters.clear();
      this.#applied = 0;
      this.#isStarting = false;
    }
    for (; this.#applied < target; this.#applied++) {
      const change = this.#changes[this.#applied]?.record;
      if (change === undefined) break;
      this.#apply(change, touched);
    }
    if (touched.size > 0) this.engine.update({ ...this.#policy, filters: [...this.#filters.values()] }, touched);
  }

  #apply({ change, filter }: RecordedFilterChange, touched: Set<Guid>): void {
    if (change === "present" && !this.#isStarting) {
      for (const { layerKey } of this.#filters.values()) touched.add(layerKey);
      this.#filters.clear();
    }
    this.#isStarting = change === "present";
    touched.add(filter.layerKey);
    if (change === "delete") this.#filters.delete(filter.filterId);
    else this.#filters.set(filter.filterId, filter);
  }
}
