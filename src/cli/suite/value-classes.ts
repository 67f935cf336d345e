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
  const cuts = [...new Set(constants.flatMap(({ low, high }) => [low, high + 1n]))].sort((a, b) => (a < b ? -1 : 1));
  const groups = new Map<string, NumberRange[]>();
  for (const piece of pieces(set, cuts)) {
    let signature = "";
    for (let index = 0; index < constants.length; index++) {
      const range = constants[index];
      if (range !== undefined && range.low <= piece.low && piece.low <= range.high) signature += `${index} `;
    }
    const group = groups.get(signature);
    if (group === undefined) groups.set(signature, [piece]);
    else group.push(piece);
  }
  return [...groups.values()].map((ranges) => ({ ranges, representative: representativeOf(ranges, preferred) }));
}

function* pieces(set: Ranges, cuts: readonly bigint[]): Iterable<NumberRange> {
  for (const { low, high } of normal(set)) {
    let from = low;
    for (const cut of cuts) {
      if (cut <= from) continue;
      if (cut > high) break;
      yield { low: from, high: cut - 1n };
      from = cut;
    }
    yield { low: from, high };
  }
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
