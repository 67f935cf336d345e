import type { LayerProgram } from "../../engine/index.ts";
import type { FieldValue, Filter } from "../../model/index.ts";
import { FALSE, type Node } from "../bdd/bdd.ts";
import type { PacketSpace } from "../space/packet-space.ts";
import { layerSets } from "../symbolic/layer-sets.ts";

/** A layer on the way of the flows that are asked about. Values that are unknown are asked for all. */
export interface QuestionVisit {
  readonly program: LayerProgram;
  readonly values: readonly FieldValue[];
}

/** One layer's part in the answer. */
export interface VisitSets {
  readonly visit: QuestionVisit;
  /** Flows that get here, and what becomes of them here. */
  readonly reached: Node;
  readonly permit: Node;
  readonly block: Node;
  readonly open: Node;
  /** Who may decide here, for those flows. */
  readonly decided: ReadonlyMap<Filter, Node>;
  /** Who may have said the same as this layer's verdict, the decider or not. */
  readonly agreed: ReadonlyMap<Filter, Node>;
}

/** What becomes of all flows of a question: each is in one of the three sets. */
export interface FlowSets {
  readonly permit: Node;
  readonly block: Node;
  /** It depends on callouts whose code is not known. */
  readonly open: Node;
  readonly visits: readonly VisitSets[];
}

export interface FlowSetsOptions {
  /** The flows that are asked about. */
  readonly within: Node;
  readonly deciders?: boolean;
  readonly agreeing?: boolean;
}

/**
 * The layers of a flow one after the other, as `traceFlow` goes through them: a definite block ends the way, an indeterminate layer does not.
 * A field that is unknown at several layers has one value at all of them.
 */
export function flowSets(
  space: PacketSpace,
  visits: readonly QuestionVisit[],
  { within, deciders = false, agreeing = false }: FlowSetsOptions,
): FlowSets {
  const { bdd } = space;
  let alive = within;
  let block: Node = FALSE;
  let open: Node = FALSE;
  const parts: VisitSets[] = [];
  for (const visit of visits) {
    if (alive === FALSE) break;
    const { program, values } = visit;
    if (program.subLayers.every(({ filters }) => filters.length === 0)) continue;
    const fixed = space.fixed(program.layer, values);
    const here = layerSets(space, program, { within: space.known(program.layer, values), deciders, agreeing });
    // What is known at this layer only is no part of the flow.
    const of = (set: Node) => bdd.and(alive, bdd.restrict(set, fixed));
    const part: VisitSets = {
      visit,
      reached: alive,
      permit: of(here.permit),
      block: of(here.block),
      open: of(here.open),
      decided: new Map([...here.decided].map(([filter, set]) => [filter, of(set)])),
      agreed: new Map([...here.agreed].map(([filter, set]) => [filter, of(set)])),
    };
    parts.push(part);
    block = bdd.or(block, part.block);
    open = bdd.or(open, part.open);
    alive = bdd.difference(alive, part.block);
  }
  return { permit: bdd.difference(alive, open), block, open: bdd.and(alive, open), visits: parts };
}
