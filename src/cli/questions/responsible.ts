import { type Bdd, FALSE, type FlowSets, type Node, TRUE } from "../../analysis/index.ts";
import type { Filter } from "../../model/index.ts";

/**
 * The flows that a filter, or another one of its rule with the same action, had its part in: it said in its sublayer what the verdict of its layer
 * is. With `null` those of which no filter says anything.
 */
export function responsibleFor(bdd: Bdd, { visits }: FlowSets, filter: Filter | null): Node {
  let found: Node = FALSE;
  for (const { agreed } of visits) {
    for (const [other, flows] of agreed) if (filter === null || isAlike(filter, other)) found = bdd.or(found, flows);
  }
  return filter === null ? bdd.difference(TRUE, found) : found;
}

/** Filters of one rule: those of its ports and addresses, of both families. */
function isAlike(one: Filter, other: Filter): boolean {
  return one === other || (one.name === other.name && one.origin === other.origin && one.action.type === other.action.type);
}
