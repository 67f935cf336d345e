import { CONDITION_FLAG, L2_FLAG, REAUTHORIZE_REASON, SOCKET_PROPERTY_FLAG } from "./tables/flags.ts";

type Flags = Readonly<Record<string, number>>;

const byField: Readonly<Record<string, Flags>> = {
  FLAGS: CONDITION_FLAG,
  REAUTHORIZE_REASON,
  ALE_SIO_FIREWALL_SYSTEM_PORT: SOCKET_PROPERTY_FLAG,
  L2_FLAGS: L2_FLAG,
};

/** The bits of a flags field by the field's name without FWPM_CONDITION_; undefined where they have no names. */
export function flagsOf(field: string): Flags | undefined {
  return byField[field];
}

/** How flags are written for people: IS_LOOPBACK is "loopback", REQUIRES_ALE_CLASSIFY "requires-ale-classify". */
function shortName(name: string): string {
  return name.replace(/^IS_/, "").toLowerCase().replaceAll("_", "-");
}

/** Every name that {@link parseFlags} prefers, for messages. */
export function flagNames(table: Flags): readonly string[] {
  return Object.keys(table).map(shortName);
}

/** Names joined by "+", bits without a name as one hexadecimal number, "none" for 0. */
export function formatFlags(value: number, table: Flags): string {
  if (value === 0) return "none";
  const named = Object.entries(table).filter(([, bit]) => (value & bit) !== 0);
  const rest = named.reduce((left, [, bit]) => (left & ~bit) >>> 0, value >>> 0);
  return [...named.map(([name]) => shortName(name)), ...(rest === 0 ? [] : [`0x${rest.toString(16)}`])].join("+");
}

/** One name or number: `loopback`, `IS_LOOPBACK`, `FWP_CONDITION_FLAG_IS_LOOPBACK`, `0x1`; undefined if it is none. */
export function parseFlag(text: string, table: Flags): number | undefined {
  if (/^(0x[0-9a-f]+|\d+)$/i.test(text)) {
    const value = Number(text);
    return value <= 0xffffffff ? value : undefined;
  }
  const name = text
    .toUpperCase()
    .replaceAll("-", "_")
    .replace(/^FWP_?CONDITION_(FLAG|L2|SOCKET_PROPERTY_FLAG|REAUTHORIZE_REASON)_/, "");
  return table[name] ?? table[`IS_${name}`] ?? Object.entries(table).find(([key]) => key.replace(/^IS_/, "") === name)?.[1];
}
