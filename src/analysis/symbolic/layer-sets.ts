import { END_STATES, endsWithBlock, isFinalState, type LayerProgram, replacesDecision } from "../../engine/index.ts";
import type { Filter } from "../../model/index.ts";
import { type Bdd, FALSE, type Node } from "../bdd/bdd.ts";
import type { PacketSpace } from "../space/packet-space.ts";
import { type Effect, SubLayerSets } from "./sublayer-sets.ts";

/** What a layer does with all packets at once. */
export interface LayerSets {
  readonly program: LayerProgram;
  /** Packets that are permitted whatever unknown callouts do; every packet is in one of the three. */
  readonly permit: Node;
  readonly block: Node;
  /** Packets whose verdict depends on a callout whose code is not known, or on what the engine itself cannot tell. */
  readonly open: Node;
  /** Packets for which a filter may be the one that decides, filters that never may left out. */
  readonly decided: ReadonlyMap<Filter, Node>;
  /** Packets whose verdict a filter's own sublayer may have ended with, whoever decided first; empty unless asked for. */
  readonly agreed: ReadonlyMap<Filter, Node>;
  /** Packets that no filter decides about: permitted. */
  readonly undecided: Node;
  /** By sublayer, packets that come to it with a decision that may still change. */
  readonly changeable: readonly Node[];
}

export interface LayerSetsOptions {
  /** The packets that are asked about; all that are possible unless told. */
  readonly within?: Node;
  /** False leaves out who decides, which costs a set per filter. */
  readonly deciders?: boolean;
  /** True adds who said the same as the verdict. */
  readonly agreeing?: boolean;
}

/** By state of arbitration, the packets that may be in it. */
type States = readonly Node[];

/**
 * A layer's arbitration over sets (WFP-SEMANTICS 3.4): where the engine carries the states that one packet may be in, this carries the packets
 * that may be in each state, sublayer by sublayer, with action rights by the engine's own table. Who decides is found going back: a filter
 * does for the packets that it ends with a new decision, if the sublayers below leave that alone.
 */
export function layerSets(
  space: PacketSpace,
  program: LayerProgram,
  { within, deciders = true, agreeing = false }: LayerSetsOptions = {},
): LayerSets {
  const { bdd } = space;
  const asked = within ?? space.possible;
  let states: States = Array.from({ length: END_STATES }, (_, state) => (state === 0 ? asked : FALSE));
  const changeable: Node[] = [];
  const walked: { readonly before: States; readonly sets: SubLayerSets }[] = [];
  for (const subLayer of program.subLayers) {
    changeable.push(states.reduce((sum, set, state) => (isFinalState(state) ? sum : bdd.or(sum, set)), FALSE));
    const sets = new SubLayerSets(space, program.layer, subLayer, asked);
    walked.push({ before: states, sets });
    states = statesAfter(bdd, states, sets);
  }
  let blocked: Node = FALSE;
  let permitted: Node = FALSE;
  for (const [state, set] of states.entries()) {
    if (endsWithBlock(state)) blocked = bdd.or(blocked, set);
    else permitted = bdd.or(permitted, set);
  }
  const decided = new Map<Filter, Node>();
  // By state after a sublayer, packets whose decision then stays with whoever made it.
  let kept: States = states.map(() => asked);
  for (const { before, sets } of deciders ? walked.toReversed() : []) {
    sets.perFilter(
      (effect) => decidedBy(bdd, effect, before, kept),
      (filter, packets) => decided.set(filter, bdd.or(decided.get(filter) ?? FALSE, packets)),
    );
    kept = keptBefore(bdd, kept, sets);
  }
  const agreed = new Map<Filter, Node>();
  for (const { sets } of agreeing ? walked : []) {
    sets.perFilter(
      (effect) => endingLike(bdd, effect, permitted, blocked),
      (filter, packets) => agreed.set(filter, bdd.or(agreed.get(filter) ?? FALSE, packets)),
    );
  }
  return {
    program,
    permit: bdd.difference(permitted, blocked),
    block: bdd.difference(blocked, permitted),
    open: bdd.and(blocked, permitted),
    decided,
    agreed,
    undecided: states[0] ?? FALSE,
    changeable,
  };
}

function statesAfter(bdd: Bdd, before: States, { through, ended }: SubLayerSets): States {
  const after = before.map((set) => bdd.and(set, through));
  for (const { effect, packets } of ended) {
    for (const [state, set] of before.entries()) {
      const reached = bdd.and(set, packets);
      if (reached === FALSE) continue;
      for (const next of statesIn(effect[state] ?? 0)) after[next] = bdd.or(after[next] ?? FALSE, reached);
    }
  }
  return after;
}

/** Packets for which an ending with this effect is a new decision that stays. */
function decidedBy(bdd: Bdd, effect: Effect, before: States, kept: States): Node {
  let found: Node = FALSE;
  for (const [state, set] of before.entries()) {
    if (set === FALSE) continue;
    for (const next of statesIn(effect[state] ?? 0)) {
      if (replacesDecision(state, next)) found = bdd.or(found, bdd.and(set, kept[next] ?? FALSE));
    }
  }
  return found;
}

/** Packets that end with what an ending with this effect says by itself. */
function endingLike(bdd: Bdd, effect: Effect, permitted: Node, blocked: Node): Node {
  return statesIn(effect[0] ?? 0).reduce<Node>((sum, state) => bdd.or(sum, endsWithBlock(state) ? blocked : permitted), FALSE);
}

/** Packets whose decision stays although this sublayer is still to come. */
function keptBefore(bdd: Bdd, kept: States, { through, ended }: SubLayerSets): States {
  return kept.map((_, state) => {
    let found = bdd.and(through, kept[state] ?? FALSE);
    for (const { effect, packets } of ended) {
      for (const next of statesIn(effect[state] ?? 0)) {
        if (!replacesDecision(state, next)) found = bdd.or(found, bdd.and(packets, kept[next] ?? FALSE));
      }
    }
    return found;
  });
}

function statesIn(mask: number): number[] {
  return Array.from({ length: END_STATES }, (_, state) => state).filter((state) => (mask & (1 << state)) !== 0);
}
