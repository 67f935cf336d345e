import {
  type Condition,
  type FieldValue,
  formatCondition,
  formatValue,
  type Layer,
  type SecurityDescriptor,
  UNKNOWN,
} from "../model/index.ts";
import { accountName } from "./account-name.ts";

/**
 * A condition as a phrase. A security descriptor is written as the accounts it grants, where that says all; its SDDL text otherwise, and
 * after them where `sddl` asks for it.
 */
export function conditionText(condition: Condition, layer: Layer | undefined, sddl = false): string {
  const text = formatCondition(condition, layer);
  if (condition.value.type !== "FWP_SECURITY_DESCRIPTOR_TYPE") return text;
  const descriptor = condition.value.value;
  const accounts = grantedAccounts(descriptor, sddl);
  if (accounts === undefined || !text.endsWith(descriptor.sddl)) return text;
  const phrase = text.slice(0, -descriptor.sddl.length) + accounts;
  return sddl ? `${phrase}  ${descriptor.sddl}` : phrase;
}

/** More accounts than this are counted instead of named. */
const MANY_ACCOUNTS = 4;

/** `Everyone, internetClient`; undefined where the DACL is more than a list of accounts. */
function grantedAccounts({ dacl }: SecurityDescriptor, all: boolean): string | undefined {
  if (dacl === undefined || dacl.length === 0) return undefined;
  // Of the inheritance flags only inherit-only takes an ACE out of the access check.
  if (dacl.some((ace) => ace.condition !== undefined || ace.flags.includes("IO"))) return undefined;
  const accounts = dacl.map(({ kind, sid }) => `${kind === "deny" ? "not " : ""}${accountName(sid) ?? sid}`);
  const left = accounts.length - MANY_ACCOUNTS;
  return all || left <= 0 ? accounts.join(", ") : `${accounts.slice(0, MANY_ACCOUNTS).join(", ")} and ${left} more`;
}

/** The value that a layer's indication had for the field of a condition, as text. */
export function actualText(condition: Condition, layer: Layer, values: readonly FieldValue[]): string {
  const field = layer.fields.find((candidate) => candidate.key === condition.fieldKey);
  if (field === undefined) return "not a field of this layer";
  return valueText(values[field.index] ?? UNKNOWN, field);
}

/** A field's value as people say it: "unknown" and "empty" are words here. */
export function valueText(value: FieldValue, field: Layer["fields"][number]): string {
  return value === UNKNOWN ? "unknown" : formatValue(value, field);
}
