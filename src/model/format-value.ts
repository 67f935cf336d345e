import { formatAddress, formatIpv4, formatIpv6, type IpAddress } from "./address.ts";
import { formatMac, hexOf } from "./byte-text.ts";
import type { FieldType } from "./data-type.ts";
import { unreachable } from "./errors.ts";
import type { Condition } from "./filter.ts";
import { flagsOf, formatFlags } from "./flag-names.ts";
import { prefixOfRange } from "./ip-range.ts";
import type { Layer } from "./layer.ts";
import { appIdPath } from "./nt-path.ts";
import { numberNamesOf, PROTOCOL_NAMES } from "./number-names.ts";
import type { Sid } from "./sid.ts";
import { sidName } from "./sid-names.ts";
import { FIELD_ROWS } from "./tables/layers.ts";
import type { Token } from "./token.ts";
import { type FieldValue, type FwpValue, UNKNOWN } from "./value.ts";
import { fieldName } from "./well-known.ts";

/** What {@link formatValue} needs to know of a field: its name without FWPM_CONDITION_, and whether it holds an address. */
export interface FieldHint {
  readonly name: string;
  readonly fieldType?: FieldType | undefined;
}

/**
 * A value as people read it: addresses dotted, ports plain, numbers with a name by name, flags joined by "+", ranges "low-high" (as a
 * prefix where they are one), "*" for unknown, "empty" for FWP_EMPTY.
 */
export function formatValue(value: FieldValue, field: FieldHint): string {
  if (value === UNKNOWN) return "*";
  switch (value.type) {
    case "FWP_EMPTY":
      return "empty";
    case "FWP_UINT8":
    case "FWP_UINT16":
    case "FWP_UINT32":
    case "FWP_INT8":
    case "FWP_INT16":
    case "FWP_INT32":
      return formatNumber(value.value, field);
    case "FWP_FLOAT":
    case "FWP_DOUBLE":
    case "FWP_BITMAP_INDEX_TYPE":
      return String(value.value);
    case "FWP_UINT64":
    case "FWP_INT64":
      return value.value.toString();
    case "FWP_BITMAP_ARRAY64_TYPE":
      return `0x${value.value.toString(16)}`;
    case "FWP_BYTE_ARRAY16_TYPE":
      return field.fieldType === "IP_ADDRESS" ? formatIpv6(value.value) : hexOf(value.value);
    case "FWP_BYTE_ARRAY6_TYPE":
      return formatMac(value.value);
    case "FWP_BYTE_BLOB_TYPE":
      return blobText(value.value) ?? hexOf(value.value);
    case "FWP_SID":
      return formatSid(value.value);
    case "FWP_SECURITY_DESCRIPTOR_TYPE":
      return value.value.sddl;
    case "FWP_TOKEN_INFORMATION_TYPE":
    case "FWP_TOKEN_ACCESS_INFORMATION_TYPE":
      return formatToken(value.value);
    case "FWP_UNICODE_STRING_TYPE":
      return value.value;
    case "FWP_V4_ADDR_MASK": {
      const length = prefixLengthOf(value.mask);
      return `${formatIpv4(value.address)}/${length ?? formatIpv4(value.mask)}`;
    }
    case "FWP_V6_ADDR_MASK":
      return `${formatIpv6(value.address)}/${value.prefixLength}`;
    case "FWP_RANGE_TYPE":
      return formatRange(value.low, value.high, field);
    default:
      return unreachable(value);
  }
}

/** Bits set from the left in an IPv4 mask; undefined if the mask has holes. */
export function prefixLengthOf(mask: number): number | undefined {
  const length = Math.clz32(~mask >>> 0);
  return mask >>> 0 === (length === 0 ? 0 : (0xffffffff << (32 - length)) >>> 0) ? length : undefined;
}

/** `S-1-5-18 (NT AUTHORITY\SYSTEM)`, or the SID alone. */
export function formatSid(sid: Sid): string {
  const name = sidName(sid);
  return name === undefined ? sid : `${sid} (${name})`;
}

function formatNumber(value: number, field: FieldHint): string {
  if (field.fieldType === "IP_ADDRESS") return formatIpv4(value);
  const flags = flagsOf(field.name);
  if (flags !== undefined) return formatFlags(value, flags);
  const names = numberNamesOf(field.name);
  const name = names?.nameOf(value);
  if (name === undefined) return String(value);
  // Where the number is as well known as the name, both.
  return names === PROTOCOL_NAMES || /(INTERFACE|TUNNEL)_TYPE$/.test(field.name) ? `${value} (${name})` : name;
}

function formatRange(low: FwpValue, high: FwpValue, field: FieldHint): string {
  const [first, last] = [addressIn(low, field), addressIn(high, field)];
  if (first !== undefined && last !== undefined) {
    const prefix = prefixOfRange(first, last);
    if (prefix !== undefined) return `${formatAddress(first)}${prefix === (first.family === 4 ? 32 : 128) ? "" : `/${prefix}`}`;
  }
  const [from, to] = [formatValue(low, field), formatValue(high, field)];
  return from === to ? from : `${from}-${to}`;
}

function addressIn(value: FwpValue, field: FieldHint): IpAddress | undefined {
  if (field.fieldType !== "IP_ADDRESS") return undefined;
  if (value.type === "FWP_UINT32") return { family: 4, value: value.value };
  return value.type === "FWP_BYTE_ARRAY16_TYPE" ? { family: 6, bytes: value.value } : undefined;
}

/** The text in a blob that holds UTF-16 with its NUL, as application ids do; undefined for other bytes. */
export function blobText(blob: Uint8Array): string | undefined {
  if (blob.length < 4 || blob.length % 2 !== 0 || blob.at(-1) !== 0 || blob.at(-2) !== 0) return undefined;
  const text = appIdPath(blob);
  return /^[^\p{C}]+$/u.test(text) ? text : undefined;
}

function formatToken(token: Token): string {
  const user = token.user === UNKNOWN ? "*" : formatSid(token.user);
  return token.packageSid === null || token.packageSid === UNKNOWN ? user : `${user} in package ${token.packageSid}`;
}

/** Layer name without FWPM_LAYER_. */
export function formatLayer(layer: Pick<Layer, "name">): string {
  return layer.name.replace(/^FWPM_LAYER_/, "");
}

const phrases: Readonly<Record<string, string>> = {
  ALE_APP_ID: "application",
  ALE_ORIGINAL_APP_ID: "original application",
  ALE_USER_ID: "user",
  ALE_REMOTE_USER_ID: "remote user",
  ALE_REMOTE_MACHINE_ID: "remote machine",
  ALE_PACKAGE_ID: "package",
  ALE_PACKAGE_FAMILY_NAME: "package family",
  ALE_SIO_FIREWALL_SYSTEM_PORT: "socket property",
  ALE_PROMISCUOUS_MODE: "promiscuous mode",
  COMPARTMENT_ID: "compartment",
  CURRENT_PROFILE_ID: "profile",
  ORIGINAL_PROFILE_ID: "original profile",
  IP_LOCAL_INTERFACE: "local interface",
  ORIGINAL_ICMP_TYPE: "original ICMP type",
  L2_FLAGS: "layer 2 flags",
  RPC_IF_UUID: "RPC interface",
};

/** A field as people say it: "remote address", "local port", "application". At ICMP the ports are type and code. */
export function formatField(name: string): string {
  const known = phrases[name];
  if (known !== undefined) return known;
  if (name.startsWith("{")) return name;
  return name
    .replace(/^IP_/, "")
    .replace(/PROFILE_ID$/, "PROFILE")
    .toLowerCase()
    .replaceAll("_", " ")
    .replace(/\b(rpc|mac|vlan|km|qm|ndis|vm|id|uuid|icmp|ipsec)\b/g, (word) => word.toUpperCase());
}

// One key has one field type in every layer but for the RESERVED fields, whose layer must tell.
const fieldTypes = new Map<string, FieldType>(FIELD_ROWS.map((row) => [row[0], row[3] as FieldType]));

/**
 * A condition in a short phrase: `remote port = 445`, `remote address in 10.0.0.0/8`, `flags none of loopback+ipsec-secured`.
 * `layer` tells the field's type where the key alone does not.
 */
export function formatCondition(condition: Condition, layer?: Pick<Layer, "fields">): string {
  const field = layer?.fields.find((candidate) => candidate.key === condition.fieldKey);
  const name = field?.name ?? fieldName(condition.fieldKey);
  const hint = { name, fieldType: field?.fieldType ?? fieldTypes.get(condition.fieldKey) };
  return `${formatField(name)} ${operator(condition)} ${formatValue(condition.value, hint)}`;
}

function operator({ matchType, value }: Condition): string {
  const set = value.type === "FWP_V4_ADDR_MASK" || value.type === "FWP_V6_ADDR_MASK" || value.type === "FWP_RANGE_TYPE";
  switch (matchType) {
    case "FWP_MATCH_EQUAL":
      return value.type === "FWP_SECURITY_DESCRIPTOR_TYPE" ? "granted by" : set ? "in" : "=";
    case "FWP_MATCH_NOT_EQUAL":
      return value.type === "FWP_SECURITY_DESCRIPTOR_TYPE" ? "not granted by" : set ? "not in" : "!=";
    case "FWP_MATCH_GREATER":
      return ">";
    case "FWP_MATCH_LESS":
      return "<";
    case "FWP_MATCH_GREATER_OR_EQUAL":
      return ">=";
    case "FWP_MATCH_LESS_OR_EQUAL":
      return "<=";
    case "FWP_MATCH_RANGE":
      return "in";
    case "FWP_MATCH_FLAGS_ALL_SET":
      return "all of";
    case "FWP_MATCH_FLAGS_ANY_SET":
      return "any of";
    case "FWP_MATCH_FLAGS_NONE_SET":
      return "none of";
    case "FWP_MATCH_EQUAL_CASE_INSENSITIVE":
      return "= (any case)";
    // Despite its name PREFIX tests the end of the value (WFP-SEMANTICS 2.3).
    case "FWP_MATCH_PREFIX":
      return "ends with";
    case "FWP_MATCH_NOT_PREFIX":
      return "does not end with";
    default:
      return unreachable(matchType);
  }
}
