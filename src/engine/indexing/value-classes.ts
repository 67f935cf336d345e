import type { Condition, DataType, FwpValue } from "../../model/index.ts";
import { isContiguousMask, isSortable } from "../match/legal.ts";
import { EachValue } from "./each-value.ts";
import { ExactValues } from "./exact-values.ts";
import { NumberIntervals } from "./number-intervals.ts";
import type { ValueClasses } from "./value-class.ts";
import { ValueIntervals } from "./value-intervals.ts";

const numeric: ReadonlySet<DataType> = new Set<DataType>(["FWP_UINT8", "FWP_UINT16", "FWP_UINT32", "FWP_INT8", "FWP_INT16", "FWP_INT32"]);

/** The values at which a condition's answer can change; undefined where it does not depend on the order of values. */
function turningPoints({ matchType, value }: Condition, type: DataType): FwpValue[] | undefined {
  switch (value.type) {
    case "FWP_V4_ADDR_MASK": {
      if (type !== "FWP_UINT32") return [];
      if (!isContiguousMask(value.mask)) return undefined;
      const low = (value.address & value.mask) >>> 0;
      return [
        { type, value: low },
        { type, value: (low | ~value.mask) >>> 0 },
      ];
    }
    case "FWP_V6_ADDR_MASK": {
      if (type !== "FWP_BYTE_ARRAY16_TYPE") return [];
      const low = Uint8Array.from({ length: 16 }, (_, index) => (value.address[index] ?? 0) & prefixByte(value.prefixLength, index));
      const high = low.map((byte, index) => byte | (~prefixByte(value.prefixLength, index) & 0xff));
      return [
        { type, value: low },
        { type, value: high },
      ];
    }
    case "FWP_RANGE_TYPE":
      return value.low.type === type && value.high.type === type ? [value.low, value.high] : [];
    default:
  }
  if (value.type === "FWP_SECURITY_DESCRIPTOR_TYPE" || value.type === "FWP_BITMAP_ARRAY64_TYPE") return undefined;
  if (value.type !== type) return [];
  switch (matchType) {
    case "FWP_MATCH_EQUAL":
    case "FWP_MATCH_NOT_EQUAL":
    case "FWP_MATCH_GREATER":
    case "FWP_MATCH_LESS":
    case "FWP_MATCH_GREATER_OR_EQUAL":
    case "FWP_MATCH_LESS_OR_EQUAL":
      return [value];
    default:
      return undefined;
  }
}

function prefixByte(prefixLength: number, index: number): number {
  return (0xff00 >>> Math.min(8, Math.max(0, prefixLength - index * 8))) & 0xff;
}

/** The coarsest classes for a field of `type` under these conditions. */
export function valueClasses(type: DataType, conditions: readonly Condition[]): ValueClasses {
  const points = conditions.map((condition) => turningPoints(condition, type));
  if (points.includes(undefined)) return new EachValue(type);
  const all = points.flatMap((list) => list ?? []);
  if (numeric.has(type))
    return new NumberIntervals(
      type,
      all.map((point) => ("value" in point ? Number(point.value) : 0)),
    );
  if (type === "FWP_DOUBLE" || type === "FWP_FLOAT") return new EachValue(type);
  const exact = conditions.every(({ matchType }) => matchType === "FWP_MATCH_EQUAL" || matchType === "FWP_MATCH_NOT_EQUAL");
  const masked = conditions.some(({ value }) => value.type === "FWP_V6_ADDR_MASK");
  if (exact && !masked) return new ExactValues(type, all);
  return isSortable(type) ? new ValueIntervals(type, all) : new EachValue(type);
}
