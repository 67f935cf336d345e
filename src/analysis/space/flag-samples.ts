import type { ProgramTest } from "../../engine/index.ts";
import { type DataType, type FwpValue, InternalError } from "../../model/index.ts";
import { BudgetExceeded } from "../bdd/budget-exceeded.ts";
import { greatestOf, type Interval, intervalsOf, numberOf, valueAt } from "./ordinal.ts";

/** Combinations of flags that are tried; a policy that looks at more of one field is not for classes. */
const MOST_COMBINATIONS = 1 << 16;

const exact: ReadonlySet<string> = new Set(["FWP_MATCH_EQUAL", "FWP_MATCH_NOT_EQUAL"]);

/**
 * Numbers that between them show every combination of answers, where some tests look at bits. Bits that stand in the same masks are one
 * group, of which counts: none set, all set, as in a constant that is compared under a mask, or otherwise. Tests of order cut the numbers
 * into stretches, and those into blocks of which the upper bits are fixed and the lower ones are free; each block is tried with every
 * combination of its groups. @throws BudgetExceeded where those are too many.
 */
export function flagSamples(type: DataType, tests: readonly ProgramTest[]): FwpValue[] {
  const greatest = greatestOf(type);
  if (greatest === undefined) throw new InternalError(`${type} has no flags`);
  const masks: bigint[] = [];
  const compared: bigint[] = [];
  const equals = new Set<bigint>();
  const cuts = new Set<bigint>([0n, greatest + 1n]);
  for (const { condition } of tests) {
    const { matchType, value } = condition;
    const isMask = matchType.startsWith("FWP_MATCH_FLAGS");
    if (isMask && value.type === type) masks.push(numberOf(value));
    if (isMask) continue;
    const intervals = intervalsOf(matchType, value, type);
    if (value.type === "FWP_V4_ADDR_MASK" && type === "FWP_UINT32" && intervals === undefined) {
      masks.push(BigInt(value.mask >>> 0));
      compared.push(BigInt((value.address & value.mask) >>> 0));
    } else if (exact.has(matchType) && value.type === type) equals.add(numberOf(value));
    else for (const { low, high } of intervals ?? []) cuts.add(low).add(high + 1n);
  }
  const groups = bitGroups(masks, greatest);
  const starts = [...cuts].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const found: bigint[] = [...equals];
  for (const [index, low] of starts.entries()) {
    const next = starts[index + 1];
    if (next === undefined) continue;
    for (const block of blocks({ low, high: next - 1n })) {
      found.push(...inBlock(block, groups, compared, equals));
      if (found.length > MOST_COMBINATIONS) throw new BudgetExceeded(MOST_COMBINATIONS);
    }
  }
  return found.map((number) => valueAt(type, number));
}

/** Bits by the masks they stand in; bits in none are left out. */
function bitGroups(masks: readonly bigint[], greatest: bigint): bigint[] {
  const groups = new Map<string, bigint>();
  for (let bit = 1n; bit <= greatest; bit <<= 1n) {
    const signature = masks.flatMap((mask, index) => ((mask & bit) === 0n ? [] : [index])).join();
    if (signature !== "") groups.set(signature, (groups.get(signature) ?? 0n) | bit);
  }
  return [...groups.values()];
}

/** Numbers from `base` on, `size` of them, a power of two that `base` is a multiple of. */
interface Block {
  readonly base: bigint;
  readonly size: bigint;
}

function* blocks({ low, high }: Interval): Generator<Block> {
  let base = low;
  while (base <= high) {
    let size = base === 0n ? 1n << BigInt((high + 1n).toString(2).length) : base & -base;
    while (base + size - 1n > high) size >>= 1n;
    yield { base, size };
    base += size;
  }
}

function inBlock({ base, size }: Block, groups: readonly bigint[], compared: readonly bigint[], equals: ReadonlySet<bigint>): bigint[] {
  const free = size - 1n;
  const spare = free & ~groups.reduce((all, group) => all | group, 0n);
  // Without spare bits enough to dodge every constant, several ways of being "otherwise" are tried.
  const ways = 2 ** spare.toString(2).replaceAll("0", "").length > equals.size ? 1 : equals.size + 1;
  let found = [base];
  for (const group of groups) {
    const open = group & free;
    if (open === 0n) continue;
    const fixed = base & group;
    const wanted = [0n, open, ...compared.filter((number) => (number & group & ~free) === fixed).map((number) => number & open)];
    const states = new Set(wanted);
    const listed = states.size;
    for (let count = 1n; count < BigInt(listed + ways) && deposit(count, open) < open; count++) {
      if (states.size < listed + ways) states.add(deposit(count, open));
    }
    found = found.flatMap((number) => [...states].map((state) => (number & ~open) | state));
    if (found.length > MOST_COMBINATIONS) throw new BudgetExceeded(MOST_COMBINATIONS);
  }
  return found.map((number) => besides(number, spare, equals));
}

/** The number with other bits where it is a constant that some test compares with; those tests are answered by the constants. */
function besides(number: bigint, spare: bigint, equals: ReadonlySet<bigint>): bigint {
  if (!equals.has(number)) return number;
  for (let count = 1n; count <= BigInt(equals.size) + 1n; count++) {
    const other = (number & ~spare) | deposit(count, spare);
    if (!equals.has(other)) return other;
  }
  return number;
}

/** The bits of `count` spread over the bits of `mask`, the lowest first. */
function deposit(count: bigint, mask: bigint): bigint {
  let result = 0n;
  let left = count;
  for (let rest = mask; rest !== 0n && left !== 0n; rest &= rest - 1n) {
    if ((left & 1n) === 1n) result |= rest & -rest;
    left >>= 1n;
  }
  return result;
}
