/** Names for the numbers that WFP fields carry. Each table is one field's. */

/** IANA protocol numbers; the name is what the flow notation prints. */
const protocols: Readonly<Record<number, string>> = {
  1: "icmp",
  2: "igmp",
  4: "ipip",
  6: "tcp",
  17: "udp",
  27: "rdp",
  33: "dccp",
  41: "ipv6",
  47: "gre",
  50: "esp",
  51: "ah",
  58: "icmpv6",
  89: "ospf",
  103: "pim",
  112: "vrrp",
  113: "pgm",
  115: "l2tp",
  132: "sctp",
  136: "udplite",
};

/** IANA ifType (ipifcons.h), as *_INTERFACE_TYPE fields hold it. */
const interfaceTypes: Readonly<Record<number, string>> = {
  1: "other",
  6: "ethernet",
  9: "tokenring",
  23: "ppp",
  24: "loopback",
  37: "atm",
  48: "modem",
  53: "propvirtual",
  71: "wifi",
  131: "tunnel",
  144: "firewire",
  237: "wimax",
  243: "wwan",
  244: "wwan2",
};

/** TUNNEL_TYPE (ifdef.h), as *_TUNNEL_TYPE fields hold it (WFP-SEMANTICS 2.1). */
const tunnelTypes: Readonly<Record<number, string>> = {
  0: "none",
  1: "other",
  2: "direct",
  11: "6to4",
  13: "isatap",
  14: "teredo",
  15: "iphttps",
};

/** NL_ADDRESS_TYPE. */
const addressTypes: Readonly<Record<number, string>> = { 0: "unspecified", 1: "unicast", 2: "anycast", 3: "multicast", 4: "broadcast" };

/** *_PROFILE_ID (WFP-SEMANTICS 2.1). */
const profiles: Readonly<Record<number, string>> = { 0: "none", 1: "public", 2: "private", 3: "domain" };

/** FWP_DIRECTION (WFP-SEMANTICS 2.1). */
const directions: Readonly<Record<number, string>> = { 0: "outbound", 1: "inbound" };

/** A field's numbers and names both ways. */
export interface NumberNames {
  /** What the numbers are, for messages: "a protocol". */
  readonly what: string;
  nameOf(value: number): string | undefined;
  /** By name, in any case. */
  valueOf(name: string): number | undefined;
  readonly names: readonly string[];
}

function table(what: string, rows: Readonly<Record<number, string>>, aliases: Readonly<Record<string, number>> = {}): NumberNames {
  const values = new Map<string, number>(Object.entries(aliases));
  for (const [value, name] of Object.entries(rows)) values.set(name, Number(value));
  return { what, nameOf: (value) => rows[value], valueOf: (name) => values.get(name.toLowerCase()), names: Object.values(rows) };
}

export const PROTOCOL_NAMES = table("a protocol", protocols, { icmp6: 58, "ipv6-icmp": 58 });
export const INTERFACE_TYPE_NAMES = table("an interface type", interfaceTypes, { "wi-fi": 71, wireless: 71 });
export const TUNNEL_TYPE_NAMES = table("a tunnel type", tunnelTypes, { "ip-https": 15 });
export const ADDRESS_TYPE_NAMES = table("an address type", addressTypes);
export const PROFILE_NAMES = table("a profile", profiles);
export const DIRECTION_NAMES = table("a direction", directions, { out: 0, in: 1 });

/** The names for the values of a field, by the field's name without FWPM_CONDITION_; undefined where its numbers have none. */
export function numberNamesOf(field: string): NumberNames | undefined {
  if (/^(IP|EMBEDDED)_PROTOCOL$/.test(field)) return PROTOCOL_NAMES;
  if (/PROFILE_ID$/.test(field)) return PROFILE_NAMES;
  if (/TUNNEL_TYPE$/.test(field)) return TUNNEL_TYPE_NAMES;
  if (/^(ARRIVAL_|NEXTHOP_|LOCAL_)?INTERFACE_TYPE$/.test(field)) return INTERFACE_TYPE_NAMES;
  if (/^(IP|EMBEDDED)_.*ADDRESS_TYPE$/.test(field)) return ADDRESS_TYPE_NAMES;
  return field === "DIRECTION" ? DIRECTION_NAMES : undefined;
}
