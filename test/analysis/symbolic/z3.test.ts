import { afterAll, describe, expect, it } from "vitest";
import { type Bool, type Context, init } from "z3-solver";
import { seededRandom } from "../../../bench/random.ts";
import { FALSE, type Node, TRUE } from "../../../src/analysis/index.ts";
import { FilterEngine } from "../../../src/engine/index.ts";
import {
  type Condition,
  EMPTY,
  FIELD_KEY,
  FILTER_FLAG,
  type Filter,
  type FwpValue,
  type Guid,
  range,
  uint8,
  uint16,
  uint32,
  v4AddrMask,
} from "../../../src/model/index.ts";
import { A, BLOCK, BQ, filter, layerNamed, PERMIT, policy, U } from "../../engine/policy-lab.ts";
import { type Compared, compared } from "../agreement.ts";

const LAYER = layerNamed("ALE_AUTH_CONNECT_V4");
const FIELDS = [
  { key: FIELD_KEY.IP_PROTOCOL, bits: 8, make: uint8 },
  { key: FIELD_KEY.IP_REMOTE_PORT, bits: 16, make: uint16 },
  { key: FIELD_KEY.IP_REMOTE_ADDRESS, bits: 32, make: uint32 },
] as const;

/** A small policy of static filters in three sublayers, by weight and then the newest first. */
function smallPolicy(seed: number): Filter[] {
  const random = seededRandom(seed * 7919);
  const condition = (): Condition => {
    const { key, bits, make } = random.pick(FIELDS);
    const number = bits === 32 ? (0x0a000000 + random.below(512)) >>> 0 : random.below(bits === 8 ? 20 : 1000);
    const of = (matchType: Condition["matchType"], value: FwpValue): Condition => ({ fieldKey: key, matchType, value });
    switch (random.below(bits === 32 ? 6 : 5)) {
      case 0:
        return of("FWP_MATCH_RANGE", range(make(number), make(number + random.below(30))));
      case 1:
        return of("FWP_MATCH_NOT_EQUAL", make(number));
      case 2:
        return of("FWP_MATCH_GREATER", make(number));
      case 5:
        return of("FWP_MATCH_EQUAL", v4AddrMask(number, (-1 << random.below(9)) >>> 0));
      default:
        return of("FWP_MATCH_EQUAL", make(number));
    }
  };
  return Array.from({ length: 9 }, (_, index) =>
    filter({
      id: index + 1,
      action: random.chance(0.5) ? PERMIT : BLOCK,
      subLayer: random.pick([A, BQ, U]),
      weight: BigInt(random.below(4)),
      flags: random.chance(0.3) ? FILTER_FLAG.CLEAR_ACTION_RIGHT : 0,
      conditions: Array.from({ length: random.below(4) }, condition),
    }),
  );
}

const api = await init();
afterAll(() => api.em.PThread.terminateAllThreads());

/** One policy as z3 sees it: a bit vector and "is empty" for each field, and the specification's arbitration written out anew. */
class Judge {
  readonly z3: Context<"judge">;
  readonly #fields: ReadonlyMap<Guid, { readonly value: ReturnType<Context<"judge">["BitVec"]["const"]>; readonly empty: Bool<"judge"> }>;

  constructor() {
    this.z3 = api.Context("judge");
    this.#fields = new Map(
      FIELDS.map(({ key, bits }, index) => [
        key,
        { value: this.z3.BitVec.const(`f${index}`, bits), empty: this.z3.Bool.const(`e${index}`) },
      ]),
    );
  }

  #field(key: Guid) {
    const field = this.#fields.get(key);
    if (field === undefined) throw new RangeError(`no field ${key}`);
    return field;
  }

  holds({ fieldKey, matchType, value }: Condition): Bool<"judge"> {
    const { value: bits, empty } = this.#field(fieldKey);
    const of = (plain: number) => this.z3.BitVec.val(plain, bits.size());
    const number = (constant: FwpValue) => of("value" in constant ? Number(constant.value) : 0);
    const test = (): Bool<"judge"> => {
      if (value.type === "FWP_V4_ADDR_MASK") return bits.and(of(value.mask)).eq(of((value.address & value.mask) >>> 0));
      if (value.type === "FWP_RANGE_TYPE") return this.z3.And(bits.uge(number(value.low)), bits.ule(number(value.high)));
      if (matchType === "FWP_MATCH_GREATER") return bits.ugt(number(value));
      return matchType === "FWP_MATCH_NOT_EQUAL" ? this.z3.Not(bits.eq(number(value))) : bits.eq(number(value));
    };
    return this.z3.And(this.z3.Not(empty), test());
  }

  /** AND over the fields of the OR over each field's conditions. */
  matches({ conditions }: Filter): Bool<"judge"> {
    const keys = [...new Set(conditions.map(({ fieldKey }) => fieldKey))];
    return this.z3.And(
      ...keys.map((key) => this.z3.Or(...conditions.filter(({ fieldKey }) => fieldKey === key).map((condition) => this.holds(condition)))),
    );
  }

  blocked(filters: readonly Filter[]): Bool<"judge"> {
    const { z3 } = this;
    let block: Bool<"judge"> = z3.Bool.val(false);
    let hard: Bool<"judge"> = z3.Bool.val(false);
    for (const { key } of [A, BQ, U]) {
      const own = filters
        .filter(({ subLayerKey }) => subLayerKey === key)
        .sort((a, b) => Number(b.effectiveWeight - a.effectiveWeight) || Number(b.filterId - a.filterId));
      let [matched, blocks, clears]: Bool<"judge">[] = [z3.Bool.val(false), z3.Bool.val(false), z3.Bool.val(false)];
      for (const each of own.toReversed()) {
        const match = this.matches(each);
        const isBlock = each.action.type === "FWP_ACTION_BLOCK";
        const isHard = isBlock || (each.flags & FILTER_FLAG.CLEAR_ACTION_RIGHT) !== 0;
        [matched, blocks, clears] = [
          z3.Or(match, matched as Bool<"judge">),
          z3.If(match, z3.Bool.val(isBlock), blocks as Bool<"judge">) as Bool<"judge">,
          z3.If(match, z3.Bool.val(isHard), clears as Bool<"judge">) as Bool<"judge">,
        ];
      }
      const takes = z3.And(matched as Bool<"judge">, z3.Not(hard));
      block = z3.If(takes, blocks as Bool<"judge">, block) as Bool<"judge">;
      hard = z3.Or(hard, z3.And(takes, clears as Bool<"judge">));
    }
    return block;
  }

  /** A set of packets as a formula: what each variable means is read off the intervals of the classes. */
  formula({ space }: Compared, set: Node): Bool<"judge"> {
    const { z3 } = this;
    const meanings = new Map<number, Bool<"judge">>();
    for (const { key } of FIELDS) {
      const dimension = space.dimensionOf(key);
      if (dimension?.kind !== "classes") continue;
      const { value, empty } = this.#field(key);
      for (let bit = 0; bit < dimension.bits; bit++) {
        const parts: Bool<"judge">[] = [];
        for (let index = 0; index < dimension.classes.size; index++) {
          if (((index >> (dimension.bits - 1 - bit)) & 1) === 0) continue;
          for (const { low, high } of dimension.classes.intervals(index)?.intervals ?? []) {
            parts.push(z3.And(z3.Not(empty), value.uge(z3.BitVec.val(low, value.size())), value.ule(z3.BitVec.val(high, value.size()))));
          }
          if (dimension.classes.classOf(EMPTY) === index) parts.push(empty);
        }
        meanings.set(dimension.first + bit, z3.Or(...parts));
      }
    }
    const { bdd } = space;
    const known = new Map<Node, Bool<"judge">>([
      [FALSE, z3.Bool.val(false)],
      [TRUE, z3.Bool.val(true)],
    ]);
    const walk = (node: Node): Bool<"judge"> => {
      const before = known.get(node);
      if (before !== undefined) return before;
      const meaning = meanings.get(bdd.levelOf(node)) ?? z3.Bool.val(false);
      const result = z3.If(meaning, walk(bdd.highOf(node)), walk(bdd.lowOf(node))) as Bool<"judge">;
      known.set(node, result);
      return result;
    };
    return walk(set);
  }
}

describe("z3 as an independent judge", () => {
  it("proves that the set of blocked packets is what the specification's arbitration blocks", async () => {
    const judge = new Judge();
    let [empty, whole] = [0, 0];
    for (let seed = 1; seed <= 25; seed++) {
      const filters = smallPolicy(seed);
      const both = compared(new FilterEngine(policy(filters)), LAYER);
      const solver = new judge.z3.Solver();
      solver.add(judge.z3.Xor(judge.formula(both, both.sets.block), judge.blocked(filters)));
      expect(await solver.check(), `policy ${seed}`).toBe("unsat");
      if (both.sets.block === FALSE) empty++;
      if (both.sets.permit === FALSE) whole++;
    }
    // Not all of them are of the easy kind.
    expect(empty + whole).toBeLessThan(15);
  });
});
