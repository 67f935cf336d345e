import { parseIpv4, parseIpv6 } from "./address.ts";
import { isMatchType, type MatchType } from "./data-type.ts";
import { InputError, type InputPosition } from "./errors.ts";
import { parseFieldValue } from "./field-value-text.ts";
import type { Condition } from "./filter.ts";
import { didYouMean } from "./near-name.ts";
import { FIELD_KEY } from "./tables/conditions.ts";
import { type FwpValue, range } from "./value.ts";
import { fieldKeyOf } from "./well-known.ts";

const OPERATORS: Readonly<Record<string, MatchType>> = {
  "=": "FWP_MATCH_EQUAL",
  "==": "FWP_MATCH_EQUAL",
  "!=": "FWP_MATCH_NOT_EQUAL",
  ">": "FWP_MATCH_GREATER",
  "<": "FWP_MATCH_LESS",
  ">=": "FWP_MATCH_GREATER_OR_EQUAL",
  "<=": "FWP_MATCH_LESS_OR_EQUAL",
  all: "FWP_MATCH_FLAGS_ALL_SET",
  any: "FWP_MATCH_FLAGS_ANY_SET",
  none: "FWP_MATCH_FLAGS_NONE_SET",
};

/**
 * Reads a filter condition: `IP_REMOTE_PORT = 443`, `IP_REMOTE_ADDRESS = 10.0.0.0/8`, `IP_LOCAL_PORT = 5000-5010`, `FLAGS all loopback`. The field
 * by its name without FWPM_CONDITION_; the value as in flow notation, a range with "-", a block with "/".
 * @throws InputError
 */
export function parseSuiteCondition(text: string, position: InputPosition): Condition {
  const [, name = "", operator = "", valueText = ""] =
    /^\s*([A-Za-z0-9_]+)\s*(==|!=|>=|<=|=|>|<|all\b|any\b|none\b|FWP_MATCH_\w+)\s*(.+?)\s*$/.exec(text) ?? [];
  if (name === "")
    throw new InputError(`expected a condition, as in IP_REMOTE_PORT = 443 or FLAGS all loopback, found "${text}"`, position);
  const fieldKey = fieldKeyOf(name);
  if (fieldKey === undefined)
    throw new InputError(`expected a field's name, found "${name}"${didYouMean(name, Object.keys(FIELD_KEY))}`, position);
  const matchType = OPERATORS[operator] ?? (isMatchType(operator) ? operator : undefined);
  if (matchType === undefined)
    throw new InputError(`expected an operator (${Object.keys(OPERATORS).join(" ")}), found "${operator}"`, position);
  const quoted = /^"(.*)"$/.exec(valueText)?.[1];
  const block = quoted === undefined ? blockOf(valueText) : undefined;
  if (block !== undefined) return { fieldKey, matchType, value: block };
  const ends = quoted === undefined && /ADDRESS|PORT/.test(name) ? valueText.split("-") : [];
  if (ends.length === 2) {
    const [low, high] = ends.map((end) => conditionValue(fieldKey, name, end.trim(), false, position));
    if (low !== undefined && high !== undefined) return { fieldKey, matchType: "FWP_MATCH_RANGE", value: range(low, high) };
  }
  return { fieldKey, matchType, value: conditionValue(fieldKey, name, quoted ?? valueText, quoted !== undefined, position) };
}

function conditionValue(fieldKey: Condition["fieldKey"], name: string, text: string, quoted: boolean, position: InputPosition): FwpValue {
  const read = parseFieldValue(fieldKey, text, quoted);
  if ("value" in read) return read.value;
  throw new InputError(`${name}: expected ${read.expected}, found "${text}"${read.hint ?? ""}`, position);
}

function blockOf(text: string): FwpValue | undefined {
  const [host = "", bits, ...rest] = text.split("/");
  if (bits === undefined || rest.length > 0 || !/^\d{1,3}$/.test(bits)) return undefined;
  const v4 = parseIpv4(host);
  const length = Number(bits);
  if (v4 !== undefined && length <= 32) {
    return { type: "FWP_V4_ADDR_MASK", address: v4, mask: length === 0 ? 0 : (0xffffffff << (32 - length)) >>> 0 };
  }
  const v6 = parseIpv6(host);
  return v6 !== undefined && length <= 128 ? { type: "FWP_V6_ADDR_MASK", address: v6, prefixLength: length } : undefined;
}
