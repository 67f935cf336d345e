import { InputError } from "../model/index.ts";

const FORM = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?Z$/;

/**
 * The moment `seconds` after `start`, in ISO 8601 with `digits` decimals of the second, cut off: netsh prints 3, the event log 9 of which
 * the last two are 0, because Windows counts 100 nanoseconds.
 * @throws InputError where `start` is not `YYYY-MM-DDThh:mm:ss[.fraction]Z`.
 */
export function momentAfter(start: string, seconds: number, digits: 3 | 9): string {
  const parts = FORM.exec(start);
  if (parts === null) throw new InputError(`start time: expected YYYY-MM-DDThh:mm:ssZ, found "${start}"`);
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts.slice(1, 7).map(Number);
  const startTicks = BigInt((parts[7] ?? "").padEnd(7, "0").slice(0, 7));
  const whole = BigInt(((daysBefore(year, month, day) * 24 + hour) * 60 + minute) * 60 + second);
  // Half a tick up: what binary fractions fall short of, not what was meant.
  const ticks = whole * TICKS + startTicks + BigInt(Math.floor(seconds * Number(TICKS) + 0.5));
  const days = Number(ticks / (86_400n * TICKS));
  const ofDay = ticks % (86_400n * TICKS);
  const clock = Number(ofDay / TICKS);
  const fraction = String(ofDay % TICKS).padStart(7, "0");
  const time = [Math.floor(clock / 3600), Math.floor(clock / 60) % 60, clock % 60].map(two).join(":");
  return `${dateOf(days)}T${time}.${fraction.padEnd(9, "0").slice(0, digits)}Z`;
}

/** 100 ns in a second. */
const TICKS = 10_000_000n;

const two = (value: number): string => String(value).padStart(2, "0");

const isLeap = (year: number): boolean => (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;

const lengths = (year: number): readonly number[] => [31, isLeap(year) ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

const beforeYear = (year: number): number => {
  const past = year - 1;
  return past * 365 + Math.floor(past / 4) - Math.floor(past / 100) + Math.floor(past / 400);
};

/** Days from 0001-01-01 of the Gregorian calendar. */
function daysBefore(year: number, month: number, day: number): number {
  const months = lengths(year).slice(0, month - 1);
  return beforeYear(year) + months.reduce((sum, length) => sum + length, 0) + day - 1;
}

function dateOf(days: number): string {
  let year = Math.floor(days / 365.2425) + 1;
  while (beforeYear(year) > days) year--;
  while (beforeYear(year + 1) <= days) year++;
  let left = days - beforeYear(year);
  let month = 1;
  for (const length of lengths(year)) {
    if (left < length) break;
    left -= length;
    month++;
  }
  return `${String(year).padStart(4, "0")}-${two(month)}-${two(left + 1)}`;
}
