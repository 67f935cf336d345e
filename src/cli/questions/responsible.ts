import { FALSE, type Node, TRUE } from "../../analysis/index.ts";
import { CONTINUES, type LayerProgram, type ProgramFilter } from "../../engine/index.ts";
import type { Filter } from "../../model/index.ts";
import type { FlowQuestion } from "./flow-question.ts";

/**
 * The flows of a question that a filter, or another one of its rule with the same action, ends its sublayer for; with `null` those that no filter
 * of any layer on the way matches. Filters whose callout may go on to the next one end nothing here.
 */
export function responsibleFor(question: FlowQuestion, filter: Filter | null): Node {
  const { bdd } = question.space;
  return filter === null
    ? bdd.difference(
        TRUE,
        unionOf(question, (own) => decides(own), false),
      )
    : unionOf(question, ({ filter: other }) => isAlike(filter, other), true);
}

function unionOf(question: FlowQuestion, wanted: (filter: ProgramFilter) => boolean, isFirst: boolean): Node {
  const { space, visits } = question;
  const { bdd } = space;
  let found: Node = FALSE;
  for (const { program, values } of visits) {
    const fixed = space.fixed(program.layer, values);
    for (const subLayer of program.subLayers) {
      for (const [position, own] of subLayer.filters.entries()) {
        if (!wanted(own)) continue;
        const match = bdd.restrict(space.match(own, program.layer), fixed);
        found = bdd.or(found, isFirst ? unendedBefore(question, program, subLayer.filters.slice(0, position), match, fixed) : match);
      }
    }
  }
  return found;
}

/** What is left of a set after filters that end their sublayer whatever happens. */
function unendedBefore(
  { space }: FlowQuestion,
  { layer }: LayerProgram,
  before: readonly ProgramFilter[],
  match: Node,
  fixed: Int8Array,
): Node {
  let left = match;
  for (const own of before) {
    if (left === FALSE) break;
    if (own.flagsLookedAt !== 0 || (own.outcomes(0, 0) & CONTINUES) !== 0) continue;
    left = space.bdd.difference(left, space.bdd.restrict(space.matchSurely(own, layer), fixed));
  }
  return left;
}

function decides(filter: ProgramFilter): boolean {
  return (filter.outcomes(0, 0) & ~CONTINUES) !== 0;
}

/** Filters of one rule: those of its ports and addresses, of both families. */
function isAlike(one: Filter, other: Filter): boolean {
  return one === other || (one.name === other.name && one.origin === other.origin && one.action.type === other.action.type);
}
