import { type Bdd, FALSE, type Node, TRUE } from "../bdd/bdd.ts";

/** Packets of which something holds for sure, and those of which it may hold; the first is part of the second. */
export interface KleeneSet {
  readonly must: Node;
  readonly can: Node;
}

export const EVERYTHING: KleeneSet = { must: TRUE, can: TRUE };
export const NOTHING: KleeneSet = { must: FALSE, can: FALSE };
/** Nobody can tell of any packet. */
export const UNTOLD: KleeneSet = { must: FALSE, can: TRUE };

export const surely = (set: Node): KleeneSet => ({ must: set, can: set });

export function bothOf(bdd: Bdd, a: KleeneSet, b: KleeneSet): KleeneSet {
  const must = bdd.and(a.must, b.must);
  return a.must === a.can && b.must === b.can ? { must, can: must } : { must, can: bdd.and(a.can, b.can) };
}

export function eitherOf(bdd: Bdd, a: KleeneSet, b: KleeneSet): KleeneSet {
  const must = bdd.or(a.must, b.must);
  return a.must === a.can && b.must === b.can ? { must, can: must } : { must, can: bdd.or(a.can, b.can) };
}

export function oppositeOf(bdd: Bdd, a: KleeneSet): KleeneSet {
  const can = bdd.not(a.must);
  return { must: a.must === a.can ? can : bdd.not(a.can), can };
}
