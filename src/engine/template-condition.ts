import { type Condition, type Field, MATCH_FILTER_RIGHT, type Sid, type Token, type WfpErrorName } from "../model/index.ts";
import { accessCheck } from "./access-check.ts";
import { conditionFault } from "./match/legal.ts";
import { allValues, contains, overlaps, valueSetOf } from "./value-set.ts";

/** How an enumeration compares a filter's values of a field with the template's (FWP_FILTER_ENUM_TYPE). */
export type EnumType = "FULLY_CONTAINED" | "OVERLAPPING";

const isToken = ({ dataType }: Field) => dataType === "FWP_TOKEN_INFORMATION_TYPE" || dataType === "FWP_TOKEN_ACCESS_INFORMATION_TYPE";

/** The SID that a template asks a token field for: where a filter holds a security descriptor, a template names whom it concerns. */
function sidOf({ matchType, value }: Condition, field: Field): Sid | undefined {
  return isToken(field) && matchType === "FWP_MATCH_EQUAL" && value.type === "FWP_SID" ? value.value : undefined;
}

/** What is wrong with a template condition on a field: types are as strict as in filters, but for that SID (S:fwp_match_type). */
export function templateFault(condition: Condition, field: Field): { readonly code: WfpErrorName; readonly detail: string } | undefined {
  if (sidOf(condition, field) !== undefined) return undefined;
  const fault = conditionFault(condition, field);
  if (fault !== undefined && fault.code !== "FWP_E_INVALID_RANGE") return fault;
  const set = valueSetOf(condition, field);
  if (set.kind !== "intervals" || set.intervals.length > 0) return undefined;
  return { code: "FWP_E_NEVER_MATCH", detail: `no value of ${field.name} satisfies the template` };
}

/** Whether a filter with these conditions on `field` is among those the template condition asks for. */
export function meetsTemplate(own: readonly Condition[], wanted: Condition, field: Field, type: EnumType): boolean {
  // A template without a layer meets the field with another type at other layers, e.g. addresses of the other family.
  if (templateFault(wanted, field) !== undefined) return false;
  const sid = sidOf(wanted, field);
  if (sid !== undefined) return own.length === 0 ? type === "OVERLAPPING" : own.some((condition) => concerns(condition, sid));
  // Without a condition on the field a filter matches all its values.
  const values = own.length === 0 ? [allValues(field)] : own.map((condition) => valueSetOf(condition, field));
  const sets = [valueSetOf(wanted, field)];
  return type === "OVERLAPPING" ? overlaps(values, sets) : contains(sets, values);
}

function concerns({ value }: Condition, sid: Sid): boolean {
  if (value.type !== "FWP_SECURITY_DESCRIPTOR_TYPE") return false;
  const token: Token = { user: sid, groups: [], packageSid: null, capabilities: [], attributes: {} };
  return accessCheck(token, value.value, MATCH_FILTER_RIGHT) !== "false";
}
