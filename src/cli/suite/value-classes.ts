import { complement, type IpAddress, type NumberRange, normal } from "../../model/index.ts";

type Ranges = readonly NumberRange[];

/** Values that no filter tells apart, and one to stand for them. */
export interface ValueClass {
  readonly ranges: Ranges;
  readonly representative: bigint;
}

/**
 * Splits `set` into classes that `constants` treat alike: two values are in one class if every constant range holds both or neither. So what
 * is found for a representative holds for its class, as far as filters compare this field with constants.
 */
export function classesOf(set: Ranges, constants: Ranges, preferred: readonly bigint[]): readonly ValueClass[] {
  const edges = constants.flatMap(({ low, high }, index) =>
    low > high
      ? []
      : [
          { at: low, index, opens: true },
          { at: high + 1n, index, opens: false },
        ],
  );
  edges.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
  const groups = new Map<string, NumberRange[]>();
  // Ranges that hold the values looked at, in the constants' order. Few overlap, so that a class's name is short though there are thousands.
  const open: number[] = [];
  let passed = 0;
  const enter = (piece: NumberRange): void => {
    const signature = open.join(" ");
    const group = groups.get(signature);
    if (group === undefined) groups.set(signature, [piece]);
    else group.push(piece);
  };
  for (const { low, high } of normal(set)) {
    let from = low;
    for (let edge = edges[passed]; edge !== undefined && edge.at <= high; edge = edges[++passed]) {
      if (edge.at > from) {
        enter({ low: from, high: edge.at - 1n });
        from = edge.at;
      }
      const place = placeOf(open, edge.index);
      if (edge.opens) open.splice(place, 0, edge.index);
      else open.splice(place, 1);
    }
    enter({ low: from, high });
  }
  return [...groups.values()].map((ranges) => ({ ranges, representative: representativeOf(ranges, preferred) }));
}

/** Where a number is, or belongs, in a sorted list. */
function placeOf(sorted: readonly number[], value: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** One that people know if there is one, else one from the inside of the largest range. */
function representativeOf(ranges: Ranges, preferred: readonly bigint[]): bigint {
  const known = preferred.find((value) => isWithin(value, ranges));
  if (known !== undefined) return known;
  let best = ranges[0] ?? { low: 0n, high: 0n };
  for (const range of ranges) if (range.high - range.low > best.high - best.low) best = range;
  return best.high - best.low > 9n ? best.low + 9n : best.low;
}

export function isWithin(value: bigint, ranges: Ranges): boolean {
  return ranges.some(({ low, high }) => low <= value && value <= high);
}

/** Whether every value of `inner` is in `outer`. */
export function isInside(inner: Ranges, outer: Ranges): boolean {
  const whole = normal(outer);
  return inner.every(({ low, high }) => whole.some((range) => range.low <= low && high <= range.high));
}

/** What of `set` is not in `without`. */
export function difference(set: Ranges, without: Ranges, top: bigint): Ranges {
  const outside = complement(without, top);
  return set.flatMap((a) =>
    outside.flatMap((b) => {
      const low = a.low > b.low ? a.low : b.low;
      const high = a.high < b.high ? a.high : b.high;
      return low <= high ? [{ low, high }] : [];
    }),
  );
}

export function addressOf(value: bigint, family: 4 | 6): IpAddress {
  if (family === 4) return { family: 4, value: Number(value) };
  const bytes = new Uint8Array(16);
  let left = value;
  for (let index = 15; index >= 0; index--) {
    bytes[index] = Number(left & 255n);
    left >>= 8n;
  }
  return { family: 6, bytes };
}

export function addressNumber(address: IpAddress): bigint {
  return address.family === 4 ? BigInt(address.value) : address.bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
}
