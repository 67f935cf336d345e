import type { RecordedTime } from "../../model/index.ts";

const ISO = /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?\s*(?:Z|UTC|([+-])(\d\d):?(\d\d))?$/i;
/** DateTime of JavaScriptSerializer, which Windows PowerShell's ConvertTo-Json uses: milliseconds since 1970, UTC. */
const SERIALIZED = /^\/Date\((-?\d{1,16})(?:[+-]\d{4})?\)\/$/;

/** Days from 1970-01-01 of the Gregorian calendar, by counting from March so that the leap day comes last. */
function daysSince1970(year: number, month: number, day: number): number {
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const ofEra = shifted - era * 400;
  const ofYear = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1;
  return era * 146_097 + ofEra * 365 + Math.floor(ofEra / 4) - Math.floor(ofEra / 100) + ofYear - 719_468;
}

/** The moment that an exporter printed: ISO 8601 with or without zone, or `/Date(…)/`; null for anything else. */
export function recordedTime(text: string): RecordedTime | null {
  const trimmed = text.trim();
  const serialized = SERIALIZED.exec(trimmed);
  if (serialized !== null) return { seconds: Number(serialized[1]) / 1000, hasFraction: true, text: trimmed };
  const parts = ISO.exec(trimmed);
  if (parts === null) return null;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts.slice(1, 7).map(Number);
  if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 60) return null;
  const zone = (Number(parts[9] ?? 0) * 60 + Number(parts[10] ?? 0)) * 60 * (parts[8] === "-" ? -1 : 1);
  const whole = ((daysSince1970(year, month, day) * 24 + hour) * 60 + minute) * 60 + second - zone;
  const fraction = parts[7];
  return { seconds: fraction === undefined ? whole : whole + Number(`0.${fraction}`), hasFraction: fraction !== undefined, text: trimmed };
}
