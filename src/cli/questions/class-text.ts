import { type ClassRow, classRows, type Dimension, type Interval, type Node, type PacketSpace, valueAt } from "../../analysis/index.ts";
import { type AnswerField, formatValue } from "../../model/index.ts";

/** Values listed before "and N more". */
const SHOWN = 6;

/** A row's fields in words; what only repeats the question is left out. */
export function rowFields(space: PacketSpace, row: ClassRow, within: Node, protocol?: number): readonly AnswerField[] {
  return [...row].flatMap(([fieldKey, classes]) => {
    const dimension = space.dimensionOf(fieldKey);
    if (dimension === undefined) return [];
    const [asked] = classRows(space, within, [fieldKey], 1).rows;
    if (asked?.get(fieldKey)?.length === classes.length) return [];
    return [{ name: nameOf(dimension.name, protocol), text: classesText(dimension, classes) }];
  });
}

/** ICMP has its type and code where others have ports. */
function nameOf(field: string, protocol: number | undefined): string {
  const isIcmp = protocol === 1 || protocol === 58;
  return isIcmp && field === "IP_LOCAL_PORT" ? "ICMP_TYPE" : isIcmp && field === "IP_REMOTE_PORT" ? "ICMP_CODE" : field;
}

/** Classes of a field in words: as values and ranges where the type has an order; by what they are not where that is shorter. */
export function classesText(dimension: Dimension, classes: readonly number[]): string {
  if (dimension.kind === "token") return "";
  const { classes: all } = dimension;
  const chosen = new Set(classes);
  const rest = Array.from({ length: all.size }, (_, index) => index).filter((index) => !chosen.has(index));
  const texts = (indexes: readonly number[]): string[] => {
    const parts = indexes.map((index) => all.intervals(index));
    if (parts.every((part) => part !== undefined)) {
      const intervals = parts.flatMap((part) => part?.intervals ?? []);
      const empty = parts.some((part) => part?.empty === true) ? ["empty"] : [];
      return [...joined(intervals).map(({ low, high }) => intervalText(dimension, low, high)), ...empty];
    }
    return indexes.map((index) => formatValue(all.representative(index), dimension));
  };
  const mine = texts(classes);
  const others = texts(rest);
  return others.length * 2 < mine.length ? `all but ${shown(others)}` : shown(mine);
}

function shown(texts: readonly string[]): string {
  const left = texts.length - SHOWN;
  return left > 0 ? `${texts.slice(0, SHOWN).join(", ")} and ${left} more` : texts.join(", ");
}

function joined(intervals: readonly Interval[]): readonly Interval[] {
  const result: { low: bigint; high: bigint }[] = [];
  for (const { low, high } of intervals.toSorted((a, b) => (a.low < b.low ? -1 : 1))) {
    const last = result.at(-1);
    if (last !== undefined && last.high + 1n >= low) last.high = high > last.high ? high : last.high;
    else result.push({ low, high });
  }
  return result;
}

function intervalText(dimension: Dimension, low: bigint, high: bigint): string {
  const { dataType: type } = dimension;
  const text = (number: bigint) => formatValue(valueAt(type, number), dimension);
  if (low === high) return text(low);
  const bits = type === "FWP_UINT32" ? 32 : type === "FWP_BYTE_ARRAY16_TYPE" ? 128 : 0;
  const size = high - low + 1n;
  if (bits > 0 && (size & (size - 1n)) === 0n && low % size === 0n) return `${text(low)}/${bits - (size.toString(2).length - 1)}`;
  return `${text(low)}-${text(high)}`;
}
