const WORD = 2 ** 32;
const HALF = 2 ** 16;
const NANOSECONDS = 1_000_000_000;

/** A moment in whole seconds since 1970 and nanoseconds. Reused. */
export interface Moment {
  seconds: number;
  nanoseconds: number;
}

/** Ticks per second of an `if_tsresol` byte: 10 to its power, or with bit 7 set 2 to the power of the rest. */
export function ticksPerSecond(resolution: number): number {
  return resolution >= 0x80 ? 2 ** (resolution & 0x7f) : 10 ** resolution;
}

/**
 * Splits a 64-bit count of ticks without leaving exact doubles and without a bigint: long division by 16-bit digits, which is exact as
 * long as a remainder times 65536 is below 2^53. Resolutions finer than that do not occur in live captures and take the slow way.
 */
export function splitTicks(high: number, low: number, perSecond: number, into: Moment): void {
  if (high < 0x20_0000 && perSecond <= NANOSECONDS) {
    const ticks = high * WORD + low;
    into.seconds = Math.floor(ticks / perSecond);
    into.nanoseconds = nanoseconds(ticks - into.seconds * perSecond, perSecond);
    return;
  }
  if (perSecond > 2 ** 37) {
    const ticks = (BigInt(high) << 32n) | BigInt(low);
    const unit = BigInt(perSecond);
    into.seconds = Number(ticks / unit);
    into.nanoseconds = Number(((ticks % unit) * BigInt(NANOSECONDS)) / unit);
    return;
  }
  const top = Math.floor(high / perSecond);
  let rest = (high - top * perSecond) * HALF + Math.floor(low / HALF);
  const middle = Math.floor(rest / perSecond);
  rest = (rest - middle * perSecond) * HALF + (low % HALF);
  const bottom = Math.floor(rest / perSecond);
  into.seconds = top * WORD + middle * HALF + bottom;
  into.nanoseconds = nanoseconds(rest - bottom * perSecond, perSecond);
}

/** Of a fraction of a second, rounded down. */
function nanoseconds(ticks: number, perSecond: number): number {
  if (perSecond === NANOSECONDS) return ticks;
  // Powers of ten up to 9 divide evenly; the product stays below 2^53 for all that do and for powers of two up to 2^23.
  if (NANOSECONDS % perSecond === 0) return ticks * (NANOSECONDS / perSecond);
  if (perSecond < 2 ** 23) return Math.floor((ticks * NANOSECONDS) / perSecond);
  return Number((BigInt(ticks) * BigInt(NANOSECONDS)) / BigInt(perSecond));
}

/** The 64-bit count of nanoseconds of a moment, as two words. */
export interface TickWords {
  high: number;
  low: number;
}

/** Ticks of 10^-6 or 10^-9 s since 1970; `seconds` below 2^34. */
export function joinTicks(seconds: number, nanoseconds: number, resolution: 6 | 9, into: TickWords): void {
  const perSecond = resolution === 9 ? NANOSECONDS : 1_000_000;
  const fraction = resolution === 9 ? nanoseconds : Math.floor(nanoseconds / 1000);
  const upper = Math.floor(seconds / HALF) * perSecond;
  const lower = (upper % HALF) * HALF + (seconds % HALF) * perSecond + fraction;
  into.high = Math.floor(upper / HALF) + Math.floor(lower / WORD);
  into.low = lower % WORD;
}
