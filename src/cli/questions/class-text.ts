import { type ClassRow, classRows, type Dimension, type Interval, type Node, type PacketSpace, valueAt } from "../../analysis/index.ts";
import { type AnswerField, appIdBlob, FIELD_KEY, formatValue, type Guid } from "../../model/index.ts";
import { dosPath } from "./ordinary-witness.ts";

/** A program that no filter names. */
const UNNAMED = appIdBlob("\\device\\harddiskvolume3\\any other program.exe");

/** Values listed before "and N more". */
const SHOWN = 6;

/** A row's fields in words; what only repeats the question is left out, but for fields that are `always` listed. */
export function rowFields(
  space: PacketSpace,
  row: ClassRow,
  within: Node,
  protocol?: number,
  volumes?: Readonly<Record<string, string>>,
  always?: ReadonlySet<Guid>,
): readonly AnswerField[] {
  return [...row].flatMap(([fieldKey, classes]) => {
    const dimension = space.dimensionOf(fieldKey);
    if (dimension === undefined) return [];
    const isAlways = always?.has(fieldKey) === true;
    const asked = isAlways ? undefined : askedClasses(space, within, fieldKey);
    if (asked?.length === classes.length) return [];
    const options = { ...(asked === undefined ? {} : { asked }), ...(volumes === undefined ? {} : { volumes }) };
    return [{ name: nameOf(dimension.name, protocol), text: classesText(dimension, classes, options) }];
  });
}

/** Classes of a field that flows of a set have; undefined for all. */
export function askedClasses(space: PacketSpace, within: Node, fieldKey: Guid): readonly number[] | undefined {
  return classRows(space, within, [fieldKey], 1).rows[0]?.get(fieldKey);
}

/** ICMP has its type and code where others have ports. */
function nameOf(field: string, protocol: number | undefined): string {
  const isIcmp = protocol === 1 || protocol === 58;
  return isIcmp && field === "IP_LOCAL_PORT" ? "ICMP_TYPE" : isIcmp && field === "IP_REMOTE_PORT" ? "ICMP_CODE" : field;
}

/**
 * Classes of a field in words: as values and ranges where the type has an order; by what they are not of those `asked` about (all, unless told)
 * where that is shorter.
 */
export function classesText(
  dimension: Dimension,
  classes: readonly number[],
  { asked, volumes }: { readonly asked?: readonly number[]; readonly volumes?: Readonly<Record<string, string>> } = {},
): string {
  if (dimension.kind === "token") return "";
  const { classes: all } = dimension;
  const chosen = new Set(classes);
  const rest = (asked ?? Array.from({ length: all.size }, (_, index) => index)).filter((index) => !chosen.has(index));
  const texts = (indexes: readonly number[]): string[] => {
    const parts = indexes.map((index) => all.intervals(index));
    if (parts.every((part) => part !== undefined)) {
      const intervals = parts.flatMap((part) => part?.intervals ?? []);
      const empty = parts.some((part) => part?.empty === true) ? ["empty"] : [];
      return [...joined(intervals).map(({ low, high }) => intervalText(dimension, low, high)), ...empty];
    }
    return indexes.map((index) => {
      const text = dosPath(formatValue(all.representative(index), dimension), volumes) || "an empty name";
      // What filters tell apart by bits or by prefixes is no list: one value stands for others.
      return all.isSingle(index) ? text : `${text} and its like`;
    });
  };
  const unnamed = dimension.fieldKey === FIELD_KEY.ALE_APP_ID ? all.classOf({ type: "FWP_BYTE_BLOB_TYPE", value: UNNAMED }) : -1;
  // Programs that nobody names are told only by those that they are not.
  if (chosen.has(unnamed)) return `all but ${shown(texts(rest))}`;
  const mine = shown(texts(classes));
  const others = `all but ${shown(texts(rest))}`;
  return rest.length > 0 && !rest.includes(unnamed) && others.length < mine.length ? others : mine;
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
