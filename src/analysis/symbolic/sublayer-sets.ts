import { CONTINUES, END_STATES, type ProgramFilter, type ProgramSubLayer } from "../../engine/index.ts";
import type { Filter, Layer } from "../../model/index.ts";
import { FALSE, type Node } from "../bdd/bdd.ts";
import type { PacketSpace } from "../space/packet-space.ts";

/** What an ending does to arbitration: by the state on entry, the states it may lead to, as a bit mask. */
export type Effect = readonly number[];

/** A stretch of a sublayer's filters, put together of two halves or, with `filter`, a single one. */
interface Stretch {
  /** Packets that none of the filters surely ends: they go on to the next stretch. */
  readonly through: Node;
  /** Packets that the filters may end, by the effect's key. */
  readonly ended: ReadonlyMap<string, Node>;
  readonly halves?: readonly [Stretch, Stretch];
  readonly filter?: Filter;
}

/**
 * One sublayer over sets of packets. Stretches of filters are joined by halves, not filter by filter: what comes first counts, so two
 * stretches that have been worked out need one operation per effect. On recorded policies that makes an eighth of the nodes.
 */
export class SubLayerSets {
  readonly #space: PacketSpace;
  readonly #layer: Layer;
  readonly #within: Node;
  readonly #effects = new Map<string, Effect>();
  readonly #whole: Stretch | undefined;

  /** Of the packets of `within`. */
  constructor(space: PacketSpace, layer: Layer, { filters }: ProgramSubLayer, within: Node) {
    this.#space = space;
    this.#layer = layer;
    this.#within = within;
    const stretches = filters.flatMap((filter) => this.#single(filter));
    this.#whole = stretches.length === 0 ? undefined : this.#join(stretches, 0, stretches.length);
  }

  /** Packets that may leave the sublayer without a decision of it. */
  get through(): Node {
    return this.#whole?.through ?? this.#within;
  }

  /** Packets that may be ended, by the effect that has; together with {@link through} all of `within`. */
  get ended(): readonly { readonly effect: Effect; readonly packets: Node }[] {
    return [...(this.#whole?.ended ?? [])].map(([key, packets]) => ({ effect: this.#effects.get(key) ?? [], packets }));
  }

  /** Calls back with each filter and the packets that it may end, among those that are `wanted` of its effect. */
  perFilter(wanted: (effect: Effect) => Node, found: (filter: Filter, packets: Node) => void): void {
    const { bdd } = this.#space;
    const byEffect = new Map([...this.#effects].map(([key, effect]) => [key, wanted(effect)]));
    const visit = (stretch: Stretch, reached: Node): void => {
      if (reached === FALSE || stretch.ended.size === 0) return;
      const { halves, filter } = stretch;
      if (halves !== undefined) {
        visit(halves[0], reached);
        visit(halves[1], bdd.and(reached, halves[0].through));
        return;
      }
      for (const [key, packets] of stretch.ended) {
        const decided = bdd.and(bdd.and(reached, packets), byEffect.get(key) ?? FALSE);
        if (filter !== undefined && decided !== FALSE) found(filter, decided);
      }
    };
    // From all of `within`: beginning with what is wanted made twice the nodes on recorded policies, for it is no simple set.
    if (this.#whole !== undefined) visit(this.#whole, this.#within);
  }

  /** A filter alone; one whose callout looks at the flags is two, by what it finds there. */
  #single(filter: ProgramFilter): Stretch[] {
    const { bdd, secured } = this.#space;
    const can = bdd.and(this.#within, this.#space.match(filter, this.#layer));
    if (can === FALSE) return [];
    const must = this.#space.matchSurely(filter, this.#layer);
    if (filter.flagsLookedAt === 0) return [this.#one(filter, can, must, 0)];
    return [
      this.#one(filter, bdd.and(can, secured), bdd.and(must, secured), filter.flagsLookedAt),
      this.#one(filter, bdd.difference(can, secured), bdd.difference(must, secured), 0),
    ];
  }

  #one(filter: ProgramFilter, can: Node, must: Node, flags: number): Stretch {
    const effect: number[] = [];
    let continues = false;
    for (let state = 0; state < END_STATES; state++) {
      // The same in all states for everything that the engine knows or does not know; a callout that did differ could only go on in more.
      const outcomes = filter.outcomes(state, flags);
      if ((outcomes & CONTINUES) !== 0) continues = true;
      let reached = 0;
      for (let outcome = 1; outcome < END_STATES; outcome++) {
        if ((outcomes & (1 << outcome)) !== 0) reached |= 1 << filter.after(state, outcome);
      }
      effect.push(reached);
    }
    const key = effect.join();
    if (effect.some((reached) => reached !== 0)) this.#effects.set(key, effect);
    return {
      through: continues ? this.#within : this.#space.bdd.difference(this.#within, must),
      ended: this.#effects.has(key) ? new Map([[key, can]]) : new Map(),
      filter: filter.filter,
    };
  }

  #join(stretches: readonly Stretch[], from: number, to: number): Stretch {
    const only = stretches[from];
    if (only !== undefined && to - from === 1) return only;
    const { bdd } = this.#space;
    const middle = (from + to) >> 1;
    const first = this.#join(stretches, from, middle);
    const second = this.#join(stretches, middle, to);
    const ended = new Map(first.ended);
    for (const [key, packets] of second.ended) ended.set(key, bdd.or(ended.get(key) ?? FALSE, bdd.and(first.through, packets)));
    return { through: bdd.and(first.through, second.through), ended, halves: [first, second] };
  }
}
