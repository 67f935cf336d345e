import { type Condition, FIELD_KEY, type FwpValue, type Policy } from "../../model/index.ts";

/** Protocols that the stack has ways of its own for; questions about any protocol have them by themselves. */
const OWN_WAYS: ReadonlySet<number> = new Set([1, 6, 17, 58]);
/** A protocol that nobody uses, to stand for all that nobody names (RFC 3692: experiments). */
export const NOBODYS_PROTOCOL = 253;

/**
 * Protocols to be asked about beside TCP, UDP, ICMP and {@link NOBODYS_PROTOCOL}: those that filters name, and one of each class that filters tell
 * apart by order or bits, several policies together. SCTP and its kin, which Windows
 * lacks, are asked about by themselves only where filters name them.
 */
export function protocolClasses(...policies: readonly Policy[]): readonly number[] {
  const filters = policies.flatMap((policy) => policy.filters);
  const conditions = filters.flatMap((filter) => filter.conditions.filter(({ fieldKey }) => fieldKey === FIELD_KEY.IP_PROTOCOL));
  const named = conditions.flatMap(({ matchType, value }) =>
    value.type === "FWP_UINT8" && /EQUAL$/.test(matchType) && !/(LESS|GREATER)/.test(matchType) ? [value.value] : [],
  );
  const distinct = [...new Map(conditions.map((condition) => [`${condition.matchType} ${textOf(condition.value)}`, condition])).values()];
  const classOf = (protocol: number) => distinct.map((condition) => (holds(condition, protocol) ? 1 : 0)).join("");
  const all = [...named, NOBODYS_PROTOCOL, ...Array.from({ length: 256 }, (_, protocol) => protocol)];
  const representatives = new Map<string, number>();
  for (const protocol of all) {
    if (OWN_WAYS.has(protocol)) continue;
    const key = classOf(protocol);
    if (!representatives.has(key)) representatives.set(key, protocol);
  }
  return [...new Set([...named, ...representatives.values()])].filter((protocol) => protocol !== NOBODYS_PROTOCOL);
}

function textOf(value: FwpValue): string {
  if (value.type === "FWP_RANGE_TYPE") return `${textOf(value.low)}-${textOf(value.high)}`;
  return `${value.type} ${"value" in value ? String(value.value) : ""}`;
}

/** Whether a condition on IP_PROTOCOL holds, which is an FWP_UINT8 (WFP-SEMANTICS 2.3). */
function holds({ matchType, value }: Condition, protocol: number): boolean {
  if (value.type === "FWP_RANGE_TYPE") {
    const { low, high } = value;
    if (matchType !== "FWP_MATCH_RANGE" || low.type !== "FWP_UINT8" || high.type !== "FWP_UINT8") return false;
    return low.value <= protocol && protocol <= high.value;
  }
  if (value.type !== "FWP_UINT8") return value.type === "FWP_EMPTY" && matchType === "FWP_MATCH_NOT_EQUAL";
  const constant = value.value;
  switch (matchType) {
    case "FWP_MATCH_EQUAL":
      return protocol === constant;
    case "FWP_MATCH_NOT_EQUAL":
      return protocol !== constant;
    case "FWP_MATCH_GREATER":
      return protocol > constant;
    case "FWP_MATCH_GREATER_OR_EQUAL":
      return protocol >= constant;
    case "FWP_MATCH_LESS":
      return protocol < constant;
    case "FWP_MATCH_LESS_OR_EQUAL":
      return protocol <= constant;
    case "FWP_MATCH_FLAGS_ALL_SET":
      return (protocol & constant) === constant;
    case "FWP_MATCH_FLAGS_ANY_SET":
      return (protocol & constant) !== 0;
    case "FWP_MATCH_FLAGS_NONE_SET":
      return (protocol & constant) === 0;
    default:
      return false;
  }
}
