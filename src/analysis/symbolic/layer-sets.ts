import {
  CONTINUES,
  END_STATES,
  endsWithBlock,
  isFinalState,
  type LayerProgram,
  type ProgramFilter,
  replacesDecision,
} from "../../engine/index.ts";
import type { Filter } from "../../model/index.ts";
import { FALSE, type Node } from "../bdd/bdd.ts";
import type { PacketSpace } from "../space/packet-space.ts";

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
}

/** Who may have decided a packet in one state of arbitration; null for nobody yet. */
type Deciders = Map<Filter | null, Node>;

/**
 * A layer's arbitration over sets (WFP-SEMANTICS 3.4): where the engine carries the states that one packet may be in, this carries the packets
 * that may be in each state. Sublayer by sublayer, filter by filter, with action rights by the engine's own table.
 */
export function layerSets(space: PacketSpace, program: LayerProgram, { within, deciders = true }: LayerSetsOptions = {}): LayerSets {
  const { bdd } = space;
  let states: Node[] = Array.from({ length: END_STATES }, () => FALSE);
  states[0] = within ?? space.possible;
  let owners: Deciders[] = states.map((set, state) => new Map(state === 0 ? [[null, set]] : []));
  const changeable: Node[] = [];
  for (const { filters } of program.subLayers) {
    const live = [...states];
    changeable.push(live.reduce((sum, set, state) => (isFinalState(state) ? sum : bdd.or(sum, set)), FALSE));
    const next: Node[] = Array.from({ length: END_STATES }, () => FALSE);
    const nextOwners: Deciders[] = next.map(() => new Map());
    /** Packets that change from one state to another, or stay, without a new decider; their deciders are passed on all at once. */
    const passed: Node[] = new Array<Node>(END_STATES * END_STATES).fill(FALSE);
    const pass = (from: number, to: number, packets: Node) => {
      const at = from * END_STATES + to;
      passed[at] = bdd.or(passed[at] ?? FALSE, packets);
    };
    for (const filter of filters) {
      if (live.every((set) => set === FALSE)) break;
      const match = space.match(filter, program.layer);
      if (match === FALSE) continue;
      const surely = space.matchSurely(filter, program.layer);
      for (let state = 0; state < END_STATES; state++) {
        const reached = bdd.and(live[state] ?? FALSE, match);
        if (reached === FALSE) continue;
        for (const { packets, outcomes } of outcomesOf(space, filter, state, reached)) {
          if (packets === FALSE) continue;
          for (let outcome = 1; outcome < END_STATES; outcome++) {
            if ((outcomes & (1 << outcome)) === 0) continue;
            const after = filter.after(state, outcome);
            next[after] = bdd.or(next[after] ?? FALSE, packets);
            if (!deciders) continue;
            if (replacesDecision(state, after)) add(space, nextOwners[after], filter.filter, packets);
            else pass(state, after, packets);
          }
          if ((outcomes & CONTINUES) === 0) live[state] = bdd.difference(live[state] ?? FALSE, bdd.and(packets, surely));
        }
      }
    }
    for (let state = 0; state < END_STATES; state++) {
      const rest = live[state] ?? FALSE;
      if (rest === FALSE) continue;
      next[state] = bdd.or(next[state] ?? FALSE, rest);
      pass(state, state, rest);
    }
    for (let at = 0; deciders && at < passed.length; at++) {
      const packets = passed[at] ?? FALSE;
      if (packets === FALSE) continue;
      const to = nextOwners[at % END_STATES];
      for (const [owner, set] of owners[Math.floor(at / END_STATES)] ?? []) add(space, to, owner, bdd.and(set, packets));
    }
    states = next;
    owners = nextOwners;
  }
  return { ...concluded(space, program, states, owners), changeable };
}

/** Outcomes of a match in a state; callouts that look at the flags may do different things with different packets. */
function outcomesOf(
  space: PacketSpace,
  filter: ProgramFilter,
  state: number,
  reached: Node,
): { readonly packets: Node; readonly outcomes: number }[] {
  if (filter.flagsLookedAt === 0) return [{ packets: reached, outcomes: filter.outcomes(state, 0) }];
  const { bdd, secured } = space;
  return [
    { packets: bdd.and(reached, secured), outcomes: filter.outcomes(state, filter.flagsLookedAt) },
    { packets: bdd.difference(reached, secured), outcomes: filter.outcomes(state, 0) },
  ];
}

function concluded(
  { bdd }: PacketSpace,
  program: LayerProgram,
  states: readonly Node[],
  owners: readonly Deciders[],
): Omit<LayerSets, "changeable"> {
  let blocked: Node = FALSE;
  let permitted: Node = FALSE;
  const decided = new Map<Filter, Node>();
  let undecided: Node = FALSE;
  for (const [state, set] of states.entries()) {
    if (endsWithBlock(state)) blocked = bdd.or(blocked, set);
    else permitted = bdd.or(permitted, set);
    for (const [owner, packets] of owners[state] ?? []) {
      if (owner === null) undecided = bdd.or(undecided, packets);
      else if (packets !== FALSE) decided.set(owner, bdd.or(decided.get(owner) ?? FALSE, packets));
    }
  }
  return {
    program,
    permit: bdd.difference(permitted, blocked),
    block: bdd.difference(blocked, permitted),
    open: bdd.and(blocked, permitted),
    decided,
    undecided,
  };
}

function add({ bdd }: PacketSpace, owners: Deciders | undefined, owner: Filter | null, packets: Node): void {
  if (packets !== FALSE) owners?.set(owner, bdd.or(owners.get(owner) ?? FALSE, packets));
}
