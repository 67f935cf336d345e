import {
  type Condition,
  EMPTY,
  FIELD_KEY,
  type FwpValue,
  fieldName,
  type Guid,
  InputError,
  type MatchType,
  madeUpKey,
  NULL_SID,
  parseGuid,
  parseIpv4,
  parseIpv6,
  parseSddl,
  parseSid,
} from "../../model/index.ts";

/** Match types as an English Windows writes them into events 5441 and 5447 (SCHEMA 9). */
const MATCH: Readonly<Record<string, MatchType>> = {
  "equal to": "FWP_MATCH_EQUAL",
  "not equal to": "FWP_MATCH_NOT_EQUAL",
  "greater than": "FWP_MATCH_GREATER",
  "less than": "FWP_MATCH_LESS",
  "greater than or equal to": "FWP_MATCH_GREATER_OR_EQUAL",
  "less than or equal to": "FWP_MATCH_LESS_OR_EQUAL",
  "in range": "FWP_MATCH_RANGE",
  "all flags set": "FWP_MATCH_FLAGS_ALL_SET",
  "any flags set": "FWP_MATCH_FLAGS_ANY_SET",
  "no flags set": "FWP_MATCH_FLAGS_NONE_SET",
  "equal to, case insensitive": "FWP_MATCH_EQUAL_CASE_INSENSITIVE",
};

const BLOCK = /Condition ID:\s*(\{[0-9a-f-]{36}\})\s*Match value:[ \t]*([^\r\n]*)\r?\n\s*Condition value:/gi;

/** What became of the text of conditions. */
export interface ReadConditions {
  readonly conditions: readonly Condition[];
  /** Why some of them could not be understood; those are on a made-up field that nobody knows the value of. */
  readonly lost: readonly string[];
}

/** The conditions of a 5441 or 5447, "-" where there are none. `line` is for messages. */
export function readConditionText(text: string, line: number): ReadConditions {
  const found = [...text.matchAll(BLOCK)];
  if (found.length === 0) {
    const isNone = /^\s*-?\s*$/.test(text);
    return isNone ? { conditions: [], lost: [] } : lostEntirely("the conditions are not written as an English Windows does");
  }
  const read = found.map((match, index) => {
    const field = parseGuid(match[1] ?? "");
    const value = text.slice(match.index + match[0].length, found[index + 1]?.index ?? text.length).trim();
    return readCondition(field, (match[2] ?? "").trim(), value, line);
  });
  const withSid = restoreNullSids(read);
  // A lost condition takes its companions on the same field along, for one of them suffices (WFP-SEMANTICS 2.2).
  const lostFields = new Set(withSid.filter(({ value }) => value === null).map(({ fieldKey }) => fieldKey));
  return {
    conditions: withSid.map(({ fieldKey, matchType, value }) =>
      value === null || lostFields.has(fieldKey) ? unknowable(fieldKey) : { fieldKey, matchType, value },
    ),
    lost: withSid.flatMap(({ why }) => (why === null ? [] : [why])),
  };
}

interface Draft {
  readonly fieldKey: Guid;
  readonly matchType: MatchType;
  /** null: not understood. */
  readonly value: FwpValue | null;
  readonly why: string | null;
}

function lostEntirely(why: string): ReadConditions {
  return { conditions: [unknowable(madeUpKey("CONDITIONS"))], lost: [why] };
}

function unknowable(fieldKey: Guid): Condition {
  const name = fieldName(fieldKey).replace(/\W/g, "_");
  return { fieldKey: madeUpKey(`UNREADABLE_${name}`), matchType: "FWP_MATCH_EQUAL", value: EMPTY };
}

function readCondition(field: Guid | undefined, match: string, value: string, line: number): Draft {
  const fieldKey = field ?? madeUpKey("FIELD");
  const name = fieldName(fieldKey);
  const matchType = MATCH[match.toLowerCase()];
  if (matchType === undefined) return { fieldKey, matchType: "FWP_MATCH_EQUAL", value: null, why: `${name}: unknown match "${match}"` };
  if (value === "-") return { fieldKey, matchType, value: null, why: `${name}: the log prints "-" for a package's SID` };
  try {
    const read = readValue(value, line);
    return { fieldKey, matchType, value: read, why: read === null ? `${name}: unknown value` : null };
  } catch (error) {
    if (error instanceof InputError) return { fieldKey, matchType, value: null, why: `${name}: ${error.message}` };
    throw error;
  }
}

/** Bits of FLAGS that only loopback traffic outside AppContainers has (WFP-DIAGNOSTICS-FIREWALL 6.4). */
const NON_APPCONTAINER_LOOPBACK = 0x800000;

/**
 * The log prints "-" for package SIDs. Windows compares with NOT_EQUAL only to S-1-0-0, "no package" (SCHEMA 5); with EQUAL it does where
 * the filter is for loopback traffic outside AppContainers. Which package any other stands for is lost.
 */
function restoreNullSids(drafts: readonly Draft[]): readonly Draft[] {
  const isPlainLoopback = drafts.some(
    ({ fieldKey, value }) =>
      fieldKey === FIELD_KEY.FLAGS && value?.type === "FWP_UINT32" && (value.value & NON_APPCONTAINER_LOOPBACK) !== 0,
  );
  return drafts.map((draft) => {
    const isLost = draft.value === null && draft.fieldKey === FIELD_KEY.ALE_PACKAGE_ID;
    if (!isLost || (draft.matchType !== "FWP_MATCH_NOT_EQUAL" && !isPlainLoopback)) return draft;
    return { ...draft, value: { type: "FWP_SID", value: NULL_SID }, why: null };
  });
}

function readValue(text: string, line: number): FwpValue | null {
  const [low, high] = text.split(" - ");
  if (low !== undefined && high !== undefined && !/[\r\n]/.test(text)) {
    const [from, to] = [scalar(low.trim()), scalar(high.trim())];
    return from === null || to === null ? null : { type: "FWP_RANGE_TYPE", low: from, high: to };
  }
  if (/^[0-9a-f]{8} {1,2}[0-9a-f]{2}/i.test(text)) return hexDump(text);
  if (/^(O|G|D|S):/.test(text)) {
    // The log may add what is no SDDL.
    const sddl = text.replace(/\s+/g, "").replace(/S:NO_ACCESS_CONTROL$/, "");
    return { type: "FWP_SECURITY_DESCRIPTOR_TYPE", value: parseSddl(sddl, { line }) };
  }
  if (/^S-1-/.test(text)) return { type: "FWP_SID", value: parseSid(text) };
  return masked(text) ?? scalar(text) ?? address(text);
}

/** Numbers have as many digits as their type has; IPv6 addresses are 32 digits without 0x. */
function scalar(text: string): FwpValue | null {
  const digits = /^0x([0-9a-f]+)$/i.exec(text)?.[1];
  if (digits !== undefined) {
    if (digits.length <= 2) return { type: "FWP_UINT8", value: Number.parseInt(digits, 16) };
    if (digits.length <= 4) return { type: "FWP_UINT16", value: Number.parseInt(digits, 16) };
    if (digits.length <= 8) return { type: "FWP_UINT32", value: Number.parseInt(digits, 16) };
    return digits.length <= 16 ? { type: "FWP_UINT64", value: BigInt(`0x${digits}`) } : null;
  }
  if (!/^[0-9a-f]{32}$/i.test(text)) return null;
  const bytes = Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  return { type: "FWP_BYTE_ARRAY16_TYPE", value: bytes };
}

function masked(text: string): FwpValue | null {
  const [first, second] = text.split("/");
  if (first === undefined || second === undefined) return null;
  const v4 = parseIpv4(first);
  const mask = parseIpv4(second);
  if (v4 !== undefined && mask !== undefined) return { type: "FWP_V4_ADDR_MASK", address: v4, mask };
  const v6 = parseIpv6(first) ?? bytesOf(first);
  if (v6 === undefined || !/^\d{1,3}$/.test(second)) return null;
  return { type: "FWP_V6_ADDR_MASK", address: v6, prefixLength: Number(second) };
}

function bytesOf(text: string): Uint8Array | undefined {
  const value = scalar(text);
  return value?.type === "FWP_BYTE_ARRAY16_TYPE" ? value.value : undefined;
}

function address(text: string): FwpValue | null {
  const v4 = parseIpv4(text);
  if (v4 !== undefined) return { type: "FWP_UINT32", value: v4 };
  const v6 = parseIpv6(text);
  return v6 === undefined ? null : { type: "FWP_BYTE_ARRAY16_TYPE", value: v6 };
}

/** `00000000  5c 00 64 00 …-69 00 …  \.d.…`: 16 bytes a line, then their letters. */
function hexDump(text: string): FwpValue | null {
  const bytes: number[] = [];
  for (const row of text.split(/\r?\n/)) {
    if (row.trim() === "") continue;
    const digits = /^\s*[0-9a-f]{8} {1,2}((?:[0-9a-f]{2}(?:[ -](?=[0-9a-f]{2}(?:[ -]|$)))?){1,16})/i.exec(row)?.[1];
    if (digits === undefined) return null;
    for (const pair of digits.match(/[0-9a-f]{2}/gi) ?? []) bytes.push(Number.parseInt(pair, 16));
  }
  return { type: "FWP_BYTE_BLOB_TYPE", value: Uint8Array.from(bytes) };
}
