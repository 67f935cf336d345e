import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Bdd, BudgetExceeded, cubesOf, FALSE, type Node, pickCube, TRUE } from "../../../src/analysis/index.ts";

const VARIABLES = 6;
const ALL = 1 << VARIABLES;

type Formula =
  | { readonly op: "variable"; readonly level: number }
  | { readonly op: "not"; readonly a: Formula }
  | { readonly op: "and" | "or" | "xor" | "difference"; readonly a: Formula; readonly b: Formula };

const { formula } = fc.letrec<{ formula: Formula }>((tie) => ({
  formula: fc.oneof(
    { maxDepth: 5 },
    fc.record({ op: fc.constant("variable" as const), level: fc.nat(VARIABLES - 1) }),
    fc.record({ op: fc.constant("not" as const), a: tie("formula") }),
    fc.record({
      op: fc.constantFrom("and" as const, "or" as const, "xor" as const, "difference" as const),
      a: tie("formula"),
      b: tie("formula"),
    }),
  ),
}));

function build(bdd: Bdd, formula: Formula): Node {
  switch (formula.op) {
    case "variable":
      return bdd.variable(formula.level);
    case "not":
      return bdd.not(build(bdd, formula.a));
    default:
      return bdd[formula.op](build(bdd, formula.a), build(bdd, formula.b));
  }
}

/** Whether the assignment `bits` (bit n is variable n) satisfies the formula. */
function holds(formula: Formula, bits: number): boolean {
  switch (formula.op) {
    case "variable":
      return ((bits >> formula.level) & 1) === 1;
    case "not":
      return !holds(formula.a, bits);
    case "and":
      return holds(formula.a, bits) && holds(formula.b, bits);
    case "or":
      return holds(formula.a, bits) || holds(formula.b, bits);
    case "xor":
      return holds(formula.a, bits) !== holds(formula.b, bits);
    case "difference":
      return holds(formula.a, bits) && !holds(formula.b, bits);
  }
}

function contains(bdd: Bdd, set: Node, bits: number): boolean {
  let node = set;
  while (node > TRUE) node = ((bits >> bdd.levelOf(node)) & 1) === 1 ? bdd.highOf(node) : bdd.lowOf(node);
  return node === TRUE;
}

const truths = (formula: Formula) => Array.from({ length: ALL }, (_, bits) => holds(formula, bits));
const members = (bdd: Bdd, set: Node) => Array.from({ length: ALL }, (_, bits) => contains(bdd, set, bits));

describe("Bdd", () => {
  it("holds what the formula says, counts it, and is one node for one set", () => {
    fc.assert(
      fc.property(formula, formula, (one, other) => {
        const bdd = new Bdd({ variables: VARIABLES });
        const set = build(bdd, one);
        expect(members(bdd, set)).toEqual(truths(one));
        expect(bdd.count(set)).toBe(BigInt(truths(one).filter(Boolean).length));
        const second = build(bdd, other);
        const same = JSON.stringify(truths(one)) === JSON.stringify(truths(other));
        expect(second === set).toBe(same);
        expect(bdd.implies(set, second)).toBe(truths(one).every((value, bits) => !value || holds(other, bits)));
        expect(bdd.intersects(set, second)).toBe(truths(one).some((value, bits) => value && holds(other, bits)));
      }),
    );
  });

  it("leaves variables open, and fixes them", () => {
    fc.assert(
      fc.property(formula, fc.uniqueArray(fc.nat(VARIABLES - 1)), fc.nat(ALL - 1), (one, levels, values) => {
        const bdd = new Bdd({ variables: VARIABLES });
        const set = build(bdd, one);
        const mask = levels.reduce((sum, level) => sum | (1 << level), 0);
        const open = bdd.exists(set, levels);
        const fixed = bdd.restrict(
          set,
          Int8Array.from({ length: VARIABLES }, (_, level) => (levels.includes(level) ? (values >> level) & 1 : -1)),
        );
        for (let bits = 0; bits < ALL; bits++) {
          const others = Array.from({ length: ALL }, (_, other) => other).filter((other) => (other & ~mask) === (bits & ~mask));
          expect(contains(bdd, open, bits)).toBe(others.some((other) => holds(one, other)));
          expect(contains(bdd, fixed, bits)).toBe(holds(one, (bits & ~mask) | (values & mask)));
        }
      }),
    );
  });

  it("gives assignments: one by preference, and all as disjoint cubes", () => {
    fc.assert(
      fc.property(formula, fc.nat(ALL - 1), (one, wish) => {
        const bdd = new Bdd({ variables: VARIABLES });
        const set = build(bdd, one);
        const picked = pickCube(bdd, set, (level) => ((wish >> level) & 1) as 0 | 1);
        expect(picked === undefined).toBe(set === FALSE);
        if (picked !== undefined) {
          const bits = picked.reduce((sum, value, level) => sum | ((value < 0 ? (wish >> level) & 1 : value) << level), 0);
          expect(holds(one, bits)).toBe(true);
          if (holds(one, wish)) expect(bits).toBe(wish);
        }
        const covered = new Array<number>(ALL).fill(0);
        for (const cube of cubesOf(bdd, set)) {
          for (let bits = 0; bits < ALL; bits++) {
            if (cube.every((value, level) => value < 0 || ((bits >> level) & 1) === value)) covered[bits] = (covered[bits] ?? 0) + 1;
          }
        }
        expect(covered).toEqual(truths(one).map(Number));
      }),
    );
  });

  it("keeps what it is told to when it collects", () => {
    fc.assert(
      fc.property(formula, formula, (one, garbage) => {
        const bdd = new Bdd({ variables: VARIABLES });
        build(bdd, garbage);
        const set = build(bdd, one);
        const [kept = FALSE] = bdd.collect([set]);
        expect(bdd.size).toBe(Math.max(2, bdd.nodesOf(kept, FALSE, TRUE)));
        expect(members(bdd, kept)).toEqual(truths(one));
        // What is built again is the same node: the unique table is whole.
        expect(build(bdd, one)).toBe(kept);
        expect(members(bdd, build(bdd, garbage))).toEqual(truths(garbage));
      }),
    );
  });

  it("grows, and says so when its budget is spent", () => {
    const bits = 40;
    // The parity of pairs that are far apart needs as many nodes as there are subsets.
    const explode = (maxNodes: number) => {
      const bdd = new Bdd({ variables: bits, maxNodes });
      let set: Node = FALSE;
      for (let index = 0; index < bits / 2; index++) set = bdd.or(set, bdd.and(bdd.variable(index), bdd.variable(index + bits / 2)));
      return bdd;
    };
    expect(() => explode(100_000)).toThrow(BudgetExceeded);
    expect(() => explode(100_000)).toThrow("more than 100,000 nodes would be needed");
    const bdd = new Bdd({ variables: 64, maxNodes: 4_000_000 });
    let parity: Node = FALSE;
    for (let level = 0; level < 64; level++) parity = bdd.xor(parity, bdd.variable(level));
    expect(bdd.count(parity)).toBe(1n << 63n);
    expect(bdd.nodesOf(parity)).toBe(2 * 63 + 1 + 2);
  });
});
