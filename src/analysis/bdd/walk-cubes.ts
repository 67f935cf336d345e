import { type Bdd, FALSE, type Node, TRUE } from "./bdd.ts";

/** An assignment of some variables: 0, 1, or -1 for one that does not matter. */
export type Cube = Int8Array;

/**
 * One assignment that is in the set, or undefined for the empty set. `preferred` says which value to try first of each variable; the last
 * word has the set.
 */
export function pickCube(bdd: Bdd, set: Node, preferred: (level: number) => 0 | 1 = () => 0): Cube | undefined {
  if (set === FALSE) return undefined;
  const cube = new Int8Array(bdd.variables).fill(-1);
  for (let node = set; node !== TRUE; ) {
    const level = bdd.levelOf(node);
    const first = preferred(level);
    const wanted = first === 1 ? bdd.highOf(node) : bdd.lowOf(node);
    const value = wanted === FALSE ? (first === 1 ? 0 : 1) : first;
    cube[level] = value;
    node = value === 1 ? bdd.highOf(node) : bdd.lowOf(node);
  }
  return cube;
}

/** Disjoint cubes that together are the set, one path at a time. */
export function* cubesOf(bdd: Bdd, set: Node): Generator<Cube> {
  const cube = new Int8Array(bdd.variables).fill(-1);
  yield* below(bdd, set, cube);
}

function* below(bdd: Bdd, node: Node, cube: Cube): Generator<Cube> {
  if (node === FALSE) return;
  if (node === TRUE) {
    yield cube.slice();
    return;
  }
  const level = bdd.levelOf(node);
  for (const value of [0, 1] as const) {
    cube[level] = value;
    yield* below(bdd, value === 0 ? bdd.lowOf(node) : bdd.highOf(node), cube);
  }
  cube[level] = -1;
}
