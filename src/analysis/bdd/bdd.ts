import { BudgetExceeded } from "./budget-exceeded.ts";

/** A set of assignments: the number of a node. Valid until {@link Bdd.collect}, which gives the ones it is handed new numbers. */
export type Node = number;

export const FALSE: Node = 0;
export const TRUE: Node = 1;

export interface BddOptions {
  /** Variables, by their place in the order: 0 is looked at first. */
  readonly variables: number;
  /** Most nodes there may be at once; 8 million unless told, about 200 MB. */
  readonly maxNodes?: number;
}

const OP = { and: 0, or: 1, difference: 2, xor: 3 } as const;
const FIRST_NODES = 1 << 14;
const FIRST_CACHE = 1 << 14;
const LARGEST_CACHE = 1 << 21;
const DEFAULT_MAX = 8_000_000;

/**
 * Reduced ordered binary decision diagrams (Bryant, "Graph-Based Algorithms for Boolean Function Manipulation", 1986) in typed arrays: a unique
 * table with chains, a lossy cache of results, mark-and-compact collection. Recursion is as deep as there are variables. Nodes are made
 * children first, so that a child's number is always below its parent's; collection relies on it.
 */
export class Bdd {
  readonly variables: number;
  readonly #maxNodes: number;
  #level: Int32Array;
  #low: Int32Array;
  #high: Int32Array;
  /** Next node of the same bucket; 0 ends a chain. */
  #next: Int32Array;
  #buckets: Int32Array;
  #count = 2;
  #peak = 2;
  #created = 2;
  #cacheA: Int32Array;
  #cacheB: Int32Array;
  #cacheResult: Int32Array;
  #cacheOp: Uint8Array;
  /** Level + 1 of the variables that `exists` is taking away. */
  #quantified = new Uint8Array(0);

  constructor({ variables, maxNodes = DEFAULT_MAX }: BddOptions) {
    this.variables = variables;
    this.#maxNodes = maxNodes;
    this.#level = new Int32Array(FIRST_NODES);
    this.#low = new Int32Array(FIRST_NODES);
    this.#high = new Int32Array(FIRST_NODES);
    this.#next = new Int32Array(FIRST_NODES);
    this.#buckets = new Int32Array(FIRST_NODES);
    this.#level[FALSE] = variables;
    this.#level[TRUE] = variables;
    this.#high[TRUE] = 1;
    this.#low[TRUE] = 1;
    this.#cacheA = new Int32Array(FIRST_CACHE).fill(-1);
    this.#cacheB = new Int32Array(FIRST_CACHE);
    this.#cacheResult = new Int32Array(FIRST_CACHE);
    this.#cacheOp = new Uint8Array(FIRST_CACHE);
  }

  /** Nodes there are, leaves included. */
  get size(): number {
    return this.#count;
  }

  /** Most nodes there were at once. */
  get peak(): number {
    return this.#peak;
  }

  /** Nodes made since the beginning. */
  get created(): number {
    return this.#created;
  }

  /** Bytes of the arrays. */
  get bytes(): number {
    return this.#level.length * 16 + this.#buckets.length * 4 + this.#cacheA.length * 13;
  }

  levelOf(node: Node): number {
    return this.#level[node] as number;
  }

  lowOf(node: Node): Node {
    return this.#low[node] as number;
  }

  highOf(node: Node): Node {
    return this.#high[node] as number;
  }

  /** Assignments in which a variable is 1. */
  variable(level: number): Node {
    return this.node(level, FALSE, TRUE);
  }

  /** The node that asks a variable; both children must ask later ones. @throws BudgetExceeded */
  node(level: number, low: Node, high: Node): Node {
    if (low === high) return low;
    const hash = mixed(level, low, high);
    let found = this.#buckets[hash & (this.#buckets.length - 1)] as number;
    while (found !== 0) {
      if (this.#low[found] === low && this.#high[found] === high && this.#level[found] === level) return found;
      found = this.#next[found] as number;
    }
    if (this.#count >= this.#maxNodes) throw new BudgetExceeded(this.#maxNodes);
    if (this.#count === this.#level.length) this.#grow();
    const node = this.#count++;
    if (node >= this.#peak) this.#peak = this.#count;
    this.#created++;
    this.#level[node] = level;
    this.#low[node] = low;
    this.#high[node] = high;
    const bucket = hash & (this.#buckets.length - 1);
    this.#next[node] = this.#buckets[bucket] as number;
    this.#buckets[bucket] = node;
    return node;
  }

  and(a: Node, b: Node): Node {
    if (a === b || b === TRUE) return a;
    if (a === FALSE || b === FALSE) return FALSE;
    if (a === TRUE) return b;
    const [x, y] = a < b ? [a, b] : [b, a];
    const slot = this.#slot(OP.and, x, y);
    if (this.#hit(slot, OP.and, x, y)) return this.#cacheResult[slot] as number;
    const level = Math.min(this.#level[x] as number, this.#level[y] as number);
    const low = this.and(this.#lowAt(x, level), this.#lowAt(y, level));
    const high = this.and(this.#highAt(x, level), this.#highAt(y, level));
    return this.#remember(OP.and, x, y, this.node(level, low, high));
  }

  or(a: Node, b: Node): Node {
    if (a === b || b === FALSE) return a;
    if (a === TRUE || b === TRUE) return TRUE;
    if (a === FALSE) return b;
    const [x, y] = a < b ? [a, b] : [b, a];
    const slot = this.#slot(OP.or, x, y);
    if (this.#hit(slot, OP.or, x, y)) return this.#cacheResult[slot] as number;
    const level = Math.min(this.#level[x] as number, this.#level[y] as number);
    const low = this.or(this.#lowAt(x, level), this.#lowAt(y, level));
    const high = this.or(this.#highAt(x, level), this.#highAt(y, level));
    return this.#remember(OP.or, x, y, this.node(level, low, high));
  }

  /** In `a` and not in `b`. */
  difference(a: Node, b: Node): Node {
    if (a === FALSE || b === TRUE || a === b) return FALSE;
    if (b === FALSE) return a;
    const slot = this.#slot(OP.difference, a, b);
    if (this.#hit(slot, OP.difference, a, b)) return this.#cacheResult[slot] as number;
    const level = Math.min(this.#level[a] as number, this.#level[b] as number);
    const low = this.difference(this.#lowAt(a, level), this.#lowAt(b, level));
    const high = this.difference(this.#highAt(a, level), this.#highAt(b, level));
    return this.#remember(OP.difference, a, b, this.node(level, low, high));
  }

  /** In one of the two only. */
  xor(a: Node, b: Node): Node {
    if (a === b) return FALSE;
    if (a === FALSE) return b;
    if (b === FALSE) return a;
    const [x, y] = a < b ? [a, b] : [b, a];
    const slot = this.#slot(OP.xor, x, y);
    if (this.#hit(slot, OP.xor, x, y)) return this.#cacheResult[slot] as number;
    const level = Math.min(this.#level[x] as number, this.#level[y] as number);
    const low = this.xor(this.#lowAt(x, level), this.#lowAt(y, level));
    const high = this.xor(this.#highAt(x, level), this.#highAt(y, level));
    return this.#remember(OP.xor, x, y, this.node(level, low, high));
  }

  not(a: Node): Node {
    return this.xor(a, TRUE);
  }

  /** Whether some assignment is in both; no nodes are made. */
  intersects(a: Node, b: Node): boolean {
    return this.and(a, b) !== FALSE;
  }

  /** Whether all of `a` is in `b`. */
  implies(a: Node, b: Node): boolean {
    return this.difference(a, b) === FALSE;
  }

  /** The set with some variables left open: an assignment is in it if one with other values of those is in `a`. */
  exists(a: Node, levels: Iterable<number>): Node {
    this.#quantified = new Uint8Array(this.variables);
    for (const level of levels) this.#quantified[level] = 1;
    const known = new Map<Node, Node>();
    const walk = (node: Node): Node => {
      if (node <= TRUE) return node;
      const before = known.get(node);
      if (before !== undefined) return before;
      const level = this.#level[node] as number;
      const low = walk(this.#low[node] as number);
      const high = walk(this.#high[node] as number);
      const result = this.#quantified[level] === 1 ? this.or(low, high) : this.node(level, low, high);
      known.set(node, result);
      return result;
    };
    return walk(a);
  }

  /** The set with some variables fixed: `values` holds 0, 1, or anything else for a variable that stays. */
  restrict(a: Node, values: Int8Array): Node {
    const known = new Map<Node, Node>();
    const walk = (node: Node): Node => {
      if (node <= TRUE) return node;
      const before = known.get(node);
      if (before !== undefined) return before;
      const level = this.#level[node] as number;
      const value = values[level];
      const result =
        value === 0
          ? walk(this.#low[node] as number)
          : value === 1
            ? walk(this.#high[node] as number)
            : this.node(level, walk(this.#low[node] as number), walk(this.#high[node] as number));
      known.set(node, result);
      return result;
    };
    return walk(a);
  }

  /** How many assignments of all variables are in the set. */
  count(a: Node): bigint {
    const known = new Map<Node, bigint>();
    const walk = (node: Node): bigint => {
      if (node === FALSE) return 0n;
      if (node === TRUE) return 1n;
      const before = known.get(node);
      if (before !== undefined) return before;
      const level = this.#level[node] as number;
      const of = (child: Node) => walk(child) << BigInt((this.#level[child] as number) - level - 1);
      const result = of(this.#low[node] as number) + of(this.#high[node] as number);
      known.set(node, result);
      return result;
    };
    return walk(a) << BigInt(this.#level[a] as number);
  }

  /** Nodes that are reachable from some sets, leaves included. */
  nodesOf(...roots: readonly Node[]): number {
    const seen = new Set<Node>();
    const todo = [...roots];
    for (let node = todo.pop(); node !== undefined; node = todo.pop()) {
      if (seen.has(node)) continue;
      seen.add(node);
      if (node > TRUE) todo.push(this.#low[node] as number, this.#high[node] as number);
    }
    return seen.size;
  }

  /**
   * Forgets every node but those that `roots` need, and gives the rest new numbers. Returns the roots' new numbers, in their order; all other
   * numbers are void.
   */
  collect(roots: readonly Node[]): Node[] {
    const moved = new Int32Array(this.#count);
    for (const root of roots) moved[root] = 1;
    // A child's number is below its parent's: one pass down marks, one pass up moves.
    for (let node = this.#count - 1; node > TRUE; node--) {
      if (moved[node] === 0) continue;
      moved[this.#low[node] as number] = 1;
      moved[this.#high[node] as number] = 1;
    }
    moved[FALSE] = FALSE;
    moved[TRUE] = TRUE;
    let kept = 2;
    for (let node = 2; node < this.#count; node++) {
      if (moved[node] === 0) continue;
      this.#level[kept] = this.#level[node] as number;
      this.#low[kept] = moved[this.#low[node] as number] as number;
      this.#high[kept] = moved[this.#high[node] as number] as number;
      moved[node] = kept++;
    }
    this.#count = kept;
    this.#rehash();
    this.#cacheA.fill(-1);
    return roots.map((root) => moved[root] as number);
  }

  #lowAt(node: Node, level: number): Node {
    return this.#level[node] === level ? (this.#low[node] as number) : node;
  }

  #highAt(node: Node, level: number): Node {
    return this.#level[node] === level ? (this.#high[node] as number) : node;
  }

  #slot(op: number, a: Node, b: Node): number {
    return mixed(op, a, b) & (this.#cacheA.length - 1);
  }

  #hit(slot: number, op: number, a: Node, b: Node): boolean {
    return this.#cacheA[slot] === a && this.#cacheB[slot] === b && this.#cacheOp[slot] === op;
  }

  #remember(op: number, a: Node, b: Node, result: Node): Node {
    // The cache may have grown meanwhile.
    const slot = this.#slot(op, a, b);
    this.#cacheA[slot] = a;
    this.#cacheB[slot] = b;
    this.#cacheOp[slot] = op;
    this.#cacheResult[slot] = result;
    return result;
  }

  #grow(): void {
    const size = Math.min(this.#level.length * 2, Math.max(this.#maxNodes, this.#level.length + 1));
    this.#level = enlarged(this.#level, size);
    this.#low = enlarged(this.#low, size);
    this.#high = enlarged(this.#high, size);
    this.#next = enlarged(this.#next, size);
    if (this.#buckets.length < size) {
      this.#buckets = new Int32Array(this.#buckets.length * 2);
      this.#rehash();
    }
    if (this.#cacheA.length < LARGEST_CACHE && this.#cacheA.length < size) {
      const length = this.#cacheA.length * 2;
      this.#cacheA = new Int32Array(length).fill(-1);
      this.#cacheB = new Int32Array(length);
      this.#cacheResult = new Int32Array(length);
      this.#cacheOp = new Uint8Array(length);
    }
  }

  #rehash(): void {
    this.#buckets.fill(0);
    const mask = this.#buckets.length - 1;
    for (let node = 2; node < this.#count; node++) {
      const bucket = mixed(this.#level[node] as number, this.#low[node] as number, this.#high[node] as number) & mask;
      this.#next[node] = this.#buckets[bucket] as number;
      this.#buckets[bucket] = node;
    }
  }
}

function mixed(a: number, b: number, c: number): number {
  let hash = Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca6b) ^ Math.imul(c, 0xc2b2ae35);
  hash ^= hash >>> 15;
  hash = Math.imul(hash, 0x2c1b3c6d);
  return (hash ^ (hash >>> 13)) >>> 0;
}

function enlarged(array: Int32Array, size: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(size);
  larger.set(array);
  return larger;
}
