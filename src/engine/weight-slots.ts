import type { Layer, SchemaFamily } from "../model/index.ts";
import { isRecordedSchema } from "./recorded-schema.ts";

/**
 * A slot of the automatic weight: the fields that share its bits (AUTOWEIGHT.md 2). A wide slot's width follows from the types of its
 * fields; the others take one bit.
 */
export interface WeightSlot {
  readonly name: string;
  readonly wide: boolean;
  readonly fields: readonly string[];
}

const slot = (name: string, wide: boolean, ...fields: string[]): WeightSlot => ({ name, wide, fields });

const APP = ["ALE_APP_ID", "ALE_ORIGINAL_APP_ID", "ALE_PACKAGE_ID", "ALE_SECURITY_ATTRIBUTE_FQBN_VALUE", "ALE_PACKAGE_FAMILY_NAME"];

const SLOTS: Readonly<Record<string, WeightSlot>> = Object.fromEntries(
  [
    slot("ADDR", true, "IP_LOCAL_ADDRESS", "IP_REMOTE_ADDRESS", "IP_SOURCE_ADDRESS", "IP_DESTINATION_ADDRESS"),
    slot(
      "IF",
      false,
      "IP_LOCAL_INTERFACE",
      "IP_ARRIVAL_INTERFACE",
      "IP_NEXTHOP_INTERFACE",
      "IP_FORWARD_INTERFACE",
      "IP_PHYSICAL_ARRIVAL_INTERFACE",
      "IP_PHYSICAL_NEXTHOP_INTERFACE",
    ),
    slot("ADDRTYPE", false, "IP_LOCAL_ADDRESS_TYPE", "EMBEDDED_LOCAL_ADDRESS_TYPE"),
    slot("DESTTYPE", false, "IP_DESTINATION_ADDRESS_TYPE"),
    slot("PROTO", true, "IP_PROTOCOL", "EMBEDDED_PROTOCOL"),
    slot("LPORT", true, "IP_LOCAL_PORT", "ORIGINAL_ICMP_TYPE"),
    slot("RPORT", true, "IP_REMOTE_PORT"),
    slot("ELPORT", true, "EMBEDDED_LOCAL_PORT"),
    slot("ERPORT", true, "EMBEDDED_REMOTE_PORT"),
    slot("ERADDR", true, "EMBEDDED_REMOTE_ADDRESS"),
    slot("APP", false, ...APP),
    slot("USER", false, "ALE_USER_ID"),
    slot("RUSER", false, "ALE_REMOTE_USER_ID"),
    slot("RMACH", false, "ALE_REMOTE_MACHINE_ID"),
    slot("FLAGS", false, "FLAGS"),
    slot("SIO", false, "ALE_SIO_FIREWALL_SYSTEM_PORT"),
    slot("NAP", true, "ALE_NAP_CONTEXT"),
    slot("PROMISC", true, "ALE_PROMISCUOUS_MODE"),
    slot("DIR", true, "DIRECTION"),
    slot("IFTYPE", false, "INTERFACE_TYPE", "ARRIVAL_INTERFACE_TYPE", "NEXTHOP_INTERFACE_TYPE"),
    slot("TUNNEL", false, "TUNNEL_TYPE", "ARRIVAL_TUNNEL_TYPE", "NEXTHOP_TUNNEL_TYPE"),
    slot(
      "IFIDX",
      true,
      "INTERFACE_INDEX",
      "SUB_INTERFACE_INDEX",
      "ARRIVAL_INTERFACE_INDEX",
      "NEXTHOP_SUB_INTERFACE_INDEX",
      "NEXTHOP_INTERFACE_INDEX",
      "SOURCE_INTERFACE_INDEX",
      "SOURCE_SUB_INTERFACE_INDEX",
      "DESTINATION_INTERFACE_INDEX",
      "DESTINATION_SUB_INTERFACE_INDEX",
    ),
    slot("IFPROF", false, "LOCAL_INTERFACE_PROFILE_ID", "ARRIVAL_INTERFACE_PROFILE_ID", "NEXTHOP_INTERFACE_PROFILE_ID"),
    slot("ORIGP", true, "ORIGINAL_PROFILE_ID"),
    slot("CURP", true, "CURRENT_PROFILE_ID"),
    slot("REAUTH", false, "REAUTHORIZE_REASON"),
    slot("EPOCH", false, "INTERFACE_QUARANTINE_EPOCH"),
    slot("COMP", false, "COMPARTMENT_ID"),
    slot("RES", false, "RESERVED0", "RESERVED1", "RESERVED2", "RESERVED3"),
    slot("PEER", false, "PEER_NAME"),
    slot("EFFNAME", false, "ALE_EFFECTIVE_NAME"),
    slot("REALM", false, "IPSEC_SECURITY_REALM_ID"),
  ].map((entry) => [entry.name, entry]),
);

interface LayerSlots {
  /** Slot names from the most significant one down. */
  readonly order: string;
  /** Fields whose position filters of real machines have pinned (AUTOWEIGHT.md 5, "filters seen"). */
  readonly pinned: string;
  /** Fields pinned by family C's recordings alone, which say nothing about D. */
  readonly pinnedOutsideD?: string;
  /** The same, and what pins them in IPv6 leaves two places open in IPv4. */
  readonly pinnedInIpv6?: string;
}

/** AUTOWEIGHT.md 5, by layer without the family. */
const LAYERS: Readonly<Record<string, LayerSlots>> = {
  ALE_AUTH_RECV_ACCEPT: {
    order: "ADDR IF ADDRTYPE PROTO LPORT RPORT APP USER RUSER RMACH FLAGS SIO NAP IFTYPE TUNNEL IFIDX ORIGP CURP REAUTH EPOCH COMP RES",
    pinned:
      "IP_LOCAL_ADDRESS IP_REMOTE_ADDRESS IP_ARRIVAL_INTERFACE IP_NEXTHOP_INTERFACE IP_PROTOCOL IP_LOCAL_PORT ORIGINAL_ICMP_TYPE IP_REMOTE_PORT ALE_APP_ID ALE_PACKAGE_ID ALE_PACKAGE_FAMILY_NAME ALE_USER_ID FLAGS ALE_SIO_FIREWALL_SYSTEM_PORT ARRIVAL_INTERFACE_TYPE NEXTHOP_INTERFACE_TYPE ARRIVAL_TUNNEL_TYPE NEXTHOP_TUNNEL_TYPE ORIGINAL_PROFILE_ID CURRENT_PROFILE_ID INTERFACE_QUARANTINE_EPOCH",
  },
  ALE_AUTH_CONNECT: {
    order:
      "PEER ADDR IF ADDRTYPE PROTO LPORT RPORT APP USER FLAGS RUSER RMACH EFFNAME IFTYPE TUNNEL DESTTYPE IFIDX ORIGP CURP REAUTH EPOCH COMP RES",
    pinned:
      "IP_LOCAL_ADDRESS IP_REMOTE_ADDRESS IP_LOCAL_INTERFACE IP_PROTOCOL IP_LOCAL_PORT IP_REMOTE_PORT ALE_APP_ID ALE_PACKAGE_ID ALE_USER_ID FLAGS ARRIVAL_TUNNEL_TYPE NEXTHOP_TUNNEL_TYPE ORIGINAL_PROFILE_ID CURRENT_PROFILE_ID",
  },
  ALE_AUTH_LISTEN: {
    order: "ADDR IF ADDRTYPE LPORT APP USER FLAGS IFTYPE TUNNEL IFPROF SIO COMP",
    pinned:
      "IP_LOCAL_INTERFACE IP_LOCAL_PORT ALE_APP_ID ALE_PACKAGE_ID ALE_PACKAGE_FAMILY_NAME ALE_USER_ID FLAGS ALE_SIO_FIREWALL_SYSTEM_PORT",
  },
  ALE_RESOURCE_ASSIGNMENT: {
    order: "LPORT IF ADDRTYPE PROTO APP USER PROMISC FLAGS IFTYPE TUNNEL IFPROF ADDR SIO COMP RES",
    pinned:
      "IP_LOCAL_PORT IP_LOCAL_INTERFACE IP_PROTOCOL ALE_APP_ID ALE_PACKAGE_ID ALE_PACKAGE_FAMILY_NAME ALE_USER_ID FLAGS ALE_SIO_FIREWALL_SYSTEM_PORT",
  },
  ALE_FLOW_ESTABLISHED: {
    order: "ADDR IF ADDRTYPE PROTO LPORT RPORT APP USER RUSER RMACH DIR IFTYPE TUNNEL DESTTYPE FLAGS COMP RES",
    pinned: "IP_PROTOCOL DIRECTION FLAGS",
  },
  ALE_ENDPOINT_CLOSURE: { order: "LPORT RPORT IF ADDRTYPE PROTO APP USER FLAGS ADDR COMP", pinned: "IP_PROTOCOL" },
  ALE_CONNECT_REDIRECT: { order: "ADDR ADDRTYPE PROTO LPORT RPORT APP USER FLAGS DESTTYPE COMP", pinned: "IP_PROTOCOL" },
  OUTBOUND_ICMP_ERROR: {
    order: "ADDR IF ADDRTYPE LPORT RPORT IFIDX IFTYPE TUNNEL FLAGS IFPROF EPOCH COMP",
    pinned: "IP_LOCAL_PORT IP_REMOTE_PORT FLAGS NEXTHOP_INTERFACE_PROFILE_ID",
  },
  INBOUND_ICMP_ERROR: {
    order: "ADDR IF ADDRTYPE PROTO ELPORT ERPORT LPORT RPORT ERADDR IFIDX IFTYPE TUNNEL FLAGS IFPROF EPOCH COMP",
    pinned: "ARRIVAL_INTERFACE_PROFILE_ID",
    pinnedOutsideD: "IP_ARRIVAL_INTERFACE",
    // By one IPv6 filter: below the port lie a port and the embedded address, or two ports and the protocol. Both weigh 11 in IPv6, but 9
    // and 11 in IPv4.
    pinnedInIpv6: "IP_LOCAL_PORT",
  },
  INBOUND_TRANSPORT_DISCARD: {
    order: "ADDR IF ADDRTYPE PROTO LPORT RPORT FLAGS IFIDX IFTYPE TUNNEL CURP REALM COMP",
    pinned: "FLAGS",
  },
  IPFORWARD: { order: "ADDR IF DESTTYPE IFIDX FLAGS IFPROF COMP", pinned: "FLAGS" },
};

/** Layers of family D that its one recording has filters at (AUTOWEIGHT.md 4, 6.6); elsewhere its schema may differ from C's. */
const KNOWN_IN_D: ReadonlySet<string> = new Set([
  "ALE_AUTH_CONNECT",
  "ALE_RESOURCE_ASSIGNMENT",
  "OUTBOUND_ICMP_ERROR",
  "INBOUND_ICMP_ERROR",
  "IPFORWARD",
]);

/** The order most layers follow (AUTOWEIGHT.md 6.2): a guess for layers that were never seen with a condition. */
const USUAL_ORDER =
  "PEER ADDR IF ADDRTYPE PROTO ELPORT ERPORT LPORT RPORT ERADDR APP USER RUSER RMACH FLAGS SIO NAP PROMISC EFFNAME DIR IFTYPE TUNNEL DESTTYPE IFIDX IFPROF ORIGP CURP REAUTH EPOCH REALM COMP RES";

export interface SlotOrder {
  readonly slots: readonly WeightSlot[];
  readonly pinned: ReadonlySet<string>;
}

const baseName = (layer: Layer) => layer.name.replace(/^FWPM_LAYER_/, "").replace(/_V[46]/, "");

/**
 * The slots of a layer, most significant first. Fields that belong to no known slot get one each at the end, one bit wide unless they
 * are numbers. Family D has anonymous one-bit slots beside C's (AUTOWEIGHT.md 4).
 */
export function slotOrder(layer: Layer, family: SchemaFamily): SlotOrder {
  const base = baseName(layer);
  const known = LAYERS[base] ?? LAYERS[base.replace(/_DISCARD$/, "")];
  const present = new Set(layer.fields.map((field) => field.name));
  const slots: WeightSlot[] = [];
  const placed = new Set<string>();
  for (const name of (known?.order ?? USUAL_ORDER).split(" ")) {
    const entry = SLOTS[name];
    if (entry === undefined) continue;
    const fields = entry.fields.filter((field) => present.has(field));
    if (fields.length === 0) continue;
    for (const field of fields) placed.add(field);
    slots.push({ ...entry, fields });
  }
  for (const field of layer.fields) {
    if (!placed.has(field.name)) slots.push(slot(field.name, /^FWP_(U?INT|BYTE_ARRAY)/.test(field.dataType), field.name));
  }
  if (family === "D" && base === "ALE_AUTH_CONNECT") {
    slots.unshift(slot("XTOP", false));
    slots.push(slot("XLOW1", false), slot("XLOW2", false));
  }
  if (family === "D" && base === "ALE_RESOURCE_ASSIGNMENT") slots.push(slot("XLOW1", false));
  return { slots, pinned: pinnedFields(layer, family, base) };
}

function pinnedFields(layer: Layer, family: SchemaFamily, base: string): ReadonlySet<string> {
  const own = LAYERS[base];
  if (own === undefined || (family === "D" && !KNOWN_IN_D.has(base)) || !isRecordedSchema(layer)) return new Set();
  const elsewhere = [own.pinnedOutsideD, layer.family === 6 ? own.pinnedInIpv6 : undefined];
  return new Set([own.pinned, ...(family === "D" ? [] : elsewhere)].flatMap((fields) => fields?.split(" ") ?? []));
}
