import type { Condition, Interpretation, SchemaFamily } from "../model/index.ts";
import { rangeSize, specificity } from "./specificity.ts";

/** What the conditions on one field earn together, from 0 to 1 of the field's part of its slot. */
export interface FieldShare {
  readonly share: number;
  /** Whether recorded weights settle the share; where they allow two readings of it, it is ours. */
  readonly verified: boolean;
}

/** Fields on which recordings have ranges with an automatic weight; the others were only compared for equality or flags. */
const RANGED: ReadonlySet<string> = new Set(["IP_LOCAL_ADDRESS", "IP_REMOTE_ADDRESS", "IP_LOCAL_PORT", "IP_REMOTE_PORT"]);

/** R3 (AUTOWEIGHT.md 6.1): so many conditions on a field read full scale, however wide they are. */
const FULL_FROM = 3;

export function fieldShare(
  field: string,
  conditions: readonly Condition[],
  family: SchemaFamily,
  many: Interpretation["manyConditions"],
): FieldShare {
  const parts = conditions.map(specificity);
  const sum = total(parts);
  const share = conditions.length >= FULL_FROM && many === "full" ? 1 : sum;
  const rivals = [total(parts.map((part, index) => (isHalfOfIpv4(conditions[index], family) ? 1 : part))), overflows(conditions) ? 1 : sum];
  return { share, verified: rivals.every((rival) => rival === share) && conditions.every((condition) => isObserved(field, condition)) };
}

function total(parts: readonly number[]): number {
  return Math.min(
    1,
    parts.reduce((sum, part) => sum + part, 0),
  );
}

/**
 * Rival reading of R3 (AUTOWEIGHT.md 6.1 a): a range of half the IPv4 addresses or more reads full scale. Not of all of them, which reads
 * 0 in every family; and family D shows one that reads as its width says.
 */
function isHalfOfIpv4(condition: Condition | undefined, family: SchemaFamily): boolean {
  if (family === "D" || condition?.value.type !== "FWP_RANGE_TYPE" || condition.value.low.type !== "FWP_UINT32") return false;
  const size = rangeSize(condition.value.low, condition.value.high);
  return size !== undefined && size >= 1n << 31n && size < 1n << 32n;
}

/** The other rival (AUTOWEIGHT.md 6.1 b): the sizes of IPv4 ranges are multiplied, and the 64-bit product overflows. */
function overflows(conditions: readonly Condition[]): boolean {
  let product = 1n;
  for (const { value } of conditions) {
    if (value.type !== "FWP_RANGE_TYPE" || value.low.type !== "FWP_UINT32") continue;
    product *= rangeSize(value.low, value.high) ?? 1n;
  }
  return conditions.length >= FULL_FROM && product >= 1n << 64n;
}

/** Match and value types that recorded automatic weights contain (AUTOWEIGHT.md 6.5). */
function isObserved(field: string, { matchType, value }: Condition): boolean {
  switch (matchType) {
    case "FWP_MATCH_EQUAL":
      return value.type !== "FWP_V4_ADDR_MASK" && value.type !== "FWP_EMPTY";
    case "FWP_MATCH_NOT_EQUAL":
      return value.type === "FWP_SID" || value.type === "FWP_BYTE_BLOB_TYPE";
    case "FWP_MATCH_RANGE":
      return RANGED.has(field);
    case "FWP_MATCH_FLAGS_ALL_SET":
    case "FWP_MATCH_FLAGS_NONE_SET":
      return true;
    default:
      return false;
  }
}
