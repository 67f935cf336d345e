import { formatIpv4, formatIpv6, parseIpv4, parseIpv6 } from "./address.ts";
import { formatMac, guidBytes, hexOf, parseHexBytes, parseMac } from "./byte-text.ts";
import type { DataType } from "./data-type.ts";
import { flagNames, flagsOf, formatFlags, parseFlag } from "./flag-names.ts";
import { formatValue } from "./format-value.ts";
import type { Guid } from "./guid.ts";
import type { Field } from "./layer.ts";
import { didYouMean } from "./near-name.ts";
import { appIdBlob, appIdPath, toAppId } from "./nt-path.ts";
import { numberNamesOf } from "./number-names.ts";
import { sidOfAccount } from "./service-sid.ts";
import type { Sid } from "./sid.ts";
import type { Token } from "./token.ts";
import { byteArray16, byteBlob, EMPTY, type FwpValue, sidValue, UNKNOWN, uint8, uint16, uint32, uint64 } from "./value.ts";
import { layersOfFamily } from "./well-known.ts";

type FieldKind = Pick<Field, "name" | "dataType" | "fieldType">;

/** What was expected where something else was found, and what may have been meant (" - did you mean…", or empty). */
export interface Expected {
  readonly expected: string;
  readonly hint?: string;
}

/** What a reading gives: the value, or what was expected instead. */
export type Read<T> = { readonly value: T } | Expected;

const kinds = new Map<Guid, FieldKind[]>();

/** The types a field has in the layers that have it, the most frequent first; none for a GUID that is no field. */
function kindsOf(key: Guid): readonly FieldKind[] {
  if (kinds.size === 0) {
    const counts = new Map<FieldKind, number>();
    for (const field of layersOfFamily("C").flatMap((layer) => layer.fields)) {
      const list = kinds.get(field.key) ?? [];
      const known = list.find((kind) => kind.dataType === field.dataType) ?? field;
      if (known === field) list.push(field);
      counts.set(known, (counts.get(known) ?? 0) + 1);
      kinds.set(field.key, list);
    }
    for (const list of kinds.values()) list.sort((a, b) => (counts.get(b) ?? 0) - (counts.get(a) ?? 0));
  }
  return kinds.get(key) ?? [];
}

/** Name of a field that some layer has, without FWPM_CONDITION_; undefined for others. */
export function layerFieldName(key: Guid): string | undefined {
  return kindsOf(key)[0]?.name;
}

/**
 * The value of a field written as text, in the field's own data type: `tcp`, `10.0.0.1`, `loopback+ipsec-secured`, `S-1-5-18`, `empty`.
 * A token is its user, then its groups with "+": `S-1-5-18+S-1-5-32-544`; without groups they are unknown, `+none` says none.
 */
export function parseFieldValue(key: Guid, text: string, quoted: boolean): Read<FwpValue> {
  if (!quoted && text.toLowerCase() === "empty") return { value: EMPTY };
  const failed: Expected[] = [];
  for (const kind of kindsOf(key)) {
    const read = parseAs(kind, text);
    if ("value" in read) return read;
    failed.push(read);
  }
  if (failed.length === 0) return { expected: "a field that some layer has" };
  return { expected: failed.map((read) => read.expected).join(", or "), hint: failed[0]?.hint ?? "" };
}

const unsigned: Partial<Record<DataType, readonly [bits: number, make: (value: number) => FwpValue]>> = {
  FWP_UINT8: [8, uint8],
  FWP_UINT16: [16, uint16],
  FWP_UINT32: [32, uint32],
};

function parseAs(kind: FieldKind, text: string): Read<FwpValue> {
  if (kind.fieldType === "IP_ADDRESS") {
    if (kind.dataType === "FWP_UINT32") return read(parseIpv4(text), uint32, "an IPv4 address");
    return read(parseIpv6(text), byteArray16, "an IPv6 address");
  }
  const integer = unsigned[kind.dataType];
  if (integer !== undefined) {
    const parsed = parseNumber(kind.name, text, integer[0]);
    return "value" in parsed ? { value: integer[1](parsed.value) } : parsed;
  }
  switch (kind.dataType) {
    case "FWP_UINT64": {
      const value = /^(0x[0-9a-f]+|\d+)$/i.test(text) ? BigInt(text) : undefined;
      return read(value !== undefined && value < 1n << 64n ? value : undefined, uint64, "a number of 64 bits");
    }
    case "FWP_BYTE_ARRAY16_TYPE": {
      const bytes = parseHexBytes(text) ?? guidBytes(text);
      return read(bytes?.length === 16 ? bytes : undefined, byteArray16, "16 bytes (0x… or a GUID)");
    }
    case "FWP_BYTE_ARRAY6_TYPE":
      return read(parseMac(text), (value) => ({ type: "FWP_BYTE_ARRAY6_TYPE", value }), "a MAC address");
    case "FWP_BYTE_BLOB_TYPE": {
      if (text.startsWith("0x")) return read(parseHexBytes(text), byteBlob, "bytes (0x…) or a text");
      return { value: byteBlob(appIdBlob(isAppId(kind.name) ? toAppId(text) : text)) };
    }
    case "FWP_SID":
      return read(sidOfAccount(text), sidValue, "a SID or a well-known name");
    case "FWP_TOKEN_ACCESS_INFORMATION_TYPE":
    case "FWP_TOKEN_INFORMATION_TYPE": {
      const type = kind.dataType;
      return read(parseToken(text), (value) => ({ type, value }), "a SID or a well-known name, and groups after +");
    }
    case "FWP_UNICODE_STRING_TYPE":
      return { value: { type: kind.dataType, value: text } };
    default:
      return { expected: `no value: fields of type ${kind.dataType} cannot be written here` };
  }
}

function read<T>(parsed: T | undefined, make: (value: T) => FwpValue, expected: string): Read<FwpValue> {
  return parsed === undefined ? { expected } : { value: make(parsed) };
}

/** A number of the field, by name or flags where it has such. */
export function parseNumber(field: string, text: string, bits: number): Read<number> {
  const flags = flagsOf(field);
  if (flags !== undefined) return parseFlagSum(text, flags);
  const names = numberNamesOf(field);
  const named = names?.valueOf(text);
  if (named !== undefined) return { value: named };
  if (/^(0x[0-9a-f]+|\d+)$/i.test(text) && Number(text) < 2 ** bits) return { value: Number(text) };
  const range = `a number up to ${2 ** bits - 1}`;
  if (names === undefined) return { expected: range };
  return { expected: `${names.what} (${names.names.join(", ")}) or ${range}`, hint: didYouMean(text, names.names) };
}

function parseFlagSum(text: string, flags: Readonly<Record<string, number>>): Read<number> {
  if (text.toLowerCase() === "none") return { value: 0 };
  let sum = 0;
  for (const part of text.split("+")) {
    const bit = parseFlag(part, flags);
    const known = flagNames(flags);
    if (bit === undefined) return { expected: `flags joined by "+" (${known.join(", ")}, or none)`, hint: didYouMean(part, known) };
    sum = (sum | bit) >>> 0;
  }
  return { value: sum };
}

function parseToken(text: string): Token | undefined {
  const [first = "", ...rest] = text.split("+");
  const user = sidOfAccount(first);
  if (user === undefined) return undefined;
  const groups: Sid[] = [];
  for (const part of rest.length === 1 && rest[0]?.toLowerCase() === "none" ? [] : rest) {
    const group = sidOfAccount(part);
    if (group === undefined) return undefined;
    groups.push(group);
  }
  return { user, groups: rest.length === 0 ? UNKNOWN : groups, packageSid: UNKNOWN, capabilities: UNKNOWN, attributes: UNKNOWN };
}

function isAppId(field: string): boolean {
  return field === "ALE_APP_ID" || field === "ALE_ORIGINAL_APP_ID";
}

/** The text that {@link parseFieldValue} reads as this value. Of a token, user and groups alone have one. */
export function formatFieldValue(key: Guid, value: FwpValue): string {
  const kind = kindsOf(key).find((candidate) => candidate.dataType === value.type);
  const hint = { name: kind?.name ?? key, fieldType: kind?.fieldType };
  switch (value.type) {
    case "FWP_UINT8":
    case "FWP_UINT16":
    case "FWP_UINT32": {
      if (hint.fieldType === "IP_ADDRESS") return formatIpv4(value.value);
      const flags = flagsOf(hint.name);
      if (flags !== undefined) return formatFlags(value.value, flags);
      return numberNamesOf(hint.name)?.nameOf(value.value) ?? String(value.value);
    }
    case "FWP_BYTE_ARRAY16_TYPE":
      return hint.fieldType === "IP_ADDRESS" ? formatIpv6(value.value) : hexOf(value.value);
    case "FWP_BYTE_ARRAY6_TYPE":
      return formatMac(value.value);
    case "FWP_BYTE_BLOB_TYPE": {
      const path = appIdPath(value.value);
      const read = path.startsWith("0x") || path === "" ? undefined : parseFieldValue(key, path, true);
      const same =
        read !== undefined && "value" in read && read.value.type === value.type && hexOf(read.value.value) === hexOf(value.value);
      return same && !/\p{C}/u.test(path) ? path : hexOf(value.value);
    }
    case "FWP_SID":
      return value.value;
    case "FWP_TOKEN_ACCESS_INFORMATION_TYPE":
    case "FWP_TOKEN_INFORMATION_TYPE": {
      const { user, groups } = value.value;
      if (user === UNKNOWN) return "*";
      return [user, ...(groups === UNKNOWN ? [] : groups.length === 0 ? ["none"] : groups)].join("+");
    }
    default:
      return formatValue(value, hint);
  }
}
