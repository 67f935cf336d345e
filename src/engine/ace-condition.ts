import {
  type Ace,
  type AceExpression,
  type AceLiteral,
  isSid,
  type SecurityDescriptor,
  type Sid,
  type Token,
  type Truth,
  UNKNOWN,
  unreachable,
} from "../model/index.ts";
import { and3, isMember, or3 } from "./token-membership.ts";

/**
 * What an expression may come to, as a set: Windows' own three values ([MS-DTYP] 2.4.4.17), plus the error that makes the whole expression
 * UNKNOWN whatever the rest says. More than one member means that we do not know which.
 */
type Outcomes = number;
const TRUE = 1;
const FALSE = 2;
const NULL = 4;
const ERROR = 8;
const single = [TRUE, FALSE, NULL, ERROR] as const;

/** An attribute or literal: absent, of unknown value, or its values; `composite` if it is a list. */
type Operand = "absent" | "unknown" | { readonly values: readonly AceLiteral[]; readonly composite: boolean };

type Attribute = Extract<AceExpression, { op: "attribute" }>;

/**
 * Whether a conditional ACE applies to the token: an allowing one if its expression is TRUE, a denying one unless it is FALSE ([MS-DTYP]
 * 2.4.4.17.3). Plain attribute names are looked up in the token's attributes as they are, @User ones as "@User.name", in any case; device
 * claims and device groups are never known; resource attributes stand in the SACL, which is not read, so they are absent only without one.
 */
export function aceConditionHolds(expression: AceExpression, kind: Ace["kind"], token: Token, sd: SecurityDescriptor): Truth {
  const outcomes = evaluate(expression, token, sd);
  const holding = kind === "allow" ? TRUE : TRUE | NULL | ERROR;
  if ((outcomes & holding) === 0) return "false";
  return (outcomes & ~holding) === 0 ? "true" : "unknown";
}

function evaluate(expression: AceExpression, token: Token, sd: SecurityDescriptor): Outcomes {
  switch (expression.op) {
    case "&&":
    case "||":
      return combine(expression.op, evaluate(expression.left, token, sd), evaluate(expression.right, token, sd));
    case "not":
      return negate(evaluate(expression.operand, token, sd));
    case "attribute":
      return alone(attributeValue(expression, token, sd));
    case "exists":
    case "not-exists": {
      if (expression.operand.op !== "attribute") return ERROR;
      const value = attributeValue(expression.operand, token, sd);
      const found = value === "unknown" ? TRUE | FALSE : value === "absent" ? FALSE : TRUE;
      return expression.op === "exists" ? found : negate(found);
    }
    case "member-of":
    case "not-member-of":
    case "member-of-any":
    case "not-member-of-any": {
      const any = expression.op.endsWith("any");
      const found = outcomesOf(membership(expression.sids, any, token));
      return expression.op.startsWith("not") ? negate(found) : found;
    }
    case "device-member-of":
    case "device-member-of-any":
    case "not-device-member-of":
    case "not-device-member-of-any":
      return TRUE | FALSE;
    case "literal":
    case "sids":
      return ERROR;
    case "==":
    case "!=":
    case "<":
    case "<=":
    case ">":
    case ">=":
    case "contains":
    case "not-contains":
    case "any-of":
    case "not-any-of":
      // Only an attribute may stand on the left side.
      if (expression.left.op !== "attribute") return ERROR;
      return relate(expression.op, attributeValue(expression.left, token, sd), operandValue(expression.right, token, sd));
    default:
      return unreachable(expression);
  }
}

function membership(sids: readonly Sid[], any: boolean, token: Token): Truth {
  const truths = sids.map((sid) => isMember(token, sid));
  return any ? truths.reduce(or3, "false") : truths.reduce(and3, "true");
}

function outcomesOf(truth: Truth): Outcomes {
  return truth === "true" ? TRUE : truth === "false" ? FALSE : TRUE | FALSE;
}

function negate(outcomes: Outcomes): Outcomes {
  return (outcomes & (NULL | ERROR)) | ((outcomes & TRUE) !== 0 ? FALSE : 0) | ((outcomes & FALSE) !== 0 ? TRUE : 0);
}

/** The truth tables of [MS-DTYP] 2.4.4.17.7 over every pair of what the sides may be. */
function combine(op: "&&" | "||", left: Outcomes, right: Outcomes): Outcomes {
  const decisive = op === "&&" ? FALSE : TRUE;
  let result = 0;
  for (const a of single) {
    for (const b of single) {
      if ((left & a) === 0 || (right & b) === 0) continue;
      if (a === ERROR || b === ERROR) result |= ERROR;
      else if (a === decisive || b === decisive) result |= decisive;
      else if (a === NULL || b === NULL) result |= NULL;
      else result |= a;
    }
  }
  return result;
}

function attributeValue(attribute: Attribute, token: Token, sd: SecurityDescriptor): Operand {
  switch (attribute.namespace) {
    case "device":
      return "unknown";
    case "resource":
      return sd.sacl === undefined || !/\(\s*RA\s*;/i.test(sd.sacl) ? "absent" : "unknown";
    case "user":
    case "local": {
      if (token.attributes === UNKNOWN) return "unknown";
      const name = (attribute.namespace === "user" ? `@User.${attribute.name}` : attribute.name).toUpperCase();
      const found = Object.entries(token.attributes).find(([key]) => key.toUpperCase() === name)?.[1];
      return found === undefined || found.length === 0 ? "absent" : { values: found, composite: found.length > 1 };
    }
    default:
      return unreachable(attribute.namespace);
  }
}

function operandValue(expression: AceExpression, token: Token, sd: SecurityDescriptor): Operand {
  if (expression.op === "attribute") return attributeValue(expression, token, sd);
  if (expression.op === "sids") return { values: expression.sids.map((sid) => ({ sid })), composite: expression.sids.length > 1 };
  if (expression.op !== "literal") return "absent";
  const { value } = expression;
  if (typeof value === "string" || typeof value === "bigint" || value instanceof Uint8Array) return { values: [value], composite: false };
  return { values: value, composite: true };
}

/** An attribute as a condition: nonzero, or not the empty string; lists and other types are UNKNOWN. */
function alone(value: Operand): Outcomes {
  if (value === "unknown") return TRUE | FALSE | NULL;
  if (value === "absent" || value.composite) return NULL;
  const [only] = value.values;
  if (typeof only === "bigint") return only === 0n ? FALSE : TRUE;
  if (typeof only === "string") return only === "" ? FALSE : TRUE;
  return NULL;
}

type Relation = "==" | "!=" | "<" | "<=" | ">" | ">=" | "contains" | "not-contains" | "any-of" | "not-any-of";

/** [MS-DTYP] 2.4.4.17.6: UNKNOWN if an attribute is absent; an error if the types do not agree. */
function relate(op: Relation, left: Operand, right: Operand): Outcomes {
  if (left === "absent" || right === "absent") return NULL;
  if (left === "unknown" || right === "unknown") return TRUE | FALSE | NULL | ERROR;
  if (right.values.length === 0) return ERROR;
  const lists = left.composite || right.composite;
  switch (op) {
    case "contains":
    case "not-contains": {
      const result = quantify(right.values, (item) => quantify(left.values, (own) => equals(own, item), "some"), "every");
      return op === "contains" ? result : negate(result);
    }
    case "any-of":
    case "not-any-of": {
      const result = quantify(right.values, (item) => quantify(left.values, (own) => equals(own, item), "some"), "some");
      return op === "any-of" ? result : negate(result);
    }
    case "==":
    case "!=": {
      const result = sameSet(left.values, right.values);
      const answer = op === "==" ? result : negate(result);
      // A list against a single value: not equal, or types that do not agree; the text allows either reading. Lists with "!=" likewise.
      if (left.composite !== right.composite) return answer | ERROR;
      return op === "!=" && lists ? answer | NULL : answer;
    }
    default: {
      if (lists) return NULL;
      const [a] = left.values;
      const [b] = right.values;
      const order = a === undefined || b === undefined ? undefined : compare(a, b);
      if (order === undefined) return ERROR;
      const holds = { "<": order < 0, "<=": order <= 0, ">": order > 0, ">=": order >= 0 }[op];
      return holds ? TRUE : FALSE;
    }
  }
}

function sameSet(left: readonly AceLiteral[], right: readonly AceLiteral[]): Outcomes {
  const within = (some: readonly AceLiteral[], all: readonly AceLiteral[]) =>
    quantify(some, (a) => quantify(all, (b) => equals(a, b), "some"), "every");
  return combine("&&", within(left, right), within(right, left));
}

function quantify(list: readonly AceLiteral[], test: (item: AceLiteral) => Outcomes, mode: "some" | "every"): Outcomes {
  const op = mode === "some" ? "||" : "&&";
  return list.reduce<Outcomes>((result, item) => combine(op, result, test(item)), mode === "some" ? FALSE : TRUE);
}

function equals(a: AceLiteral, b: AceLiteral): Outcomes {
  const order = compare(a, b);
  return order === undefined ? ERROR : order === 0 ? TRUE : FALSE;
}

/** Order of two values of one type, strings without regard to case; undefined if the types differ. SIDs are equal or not. */
function compare(a: AceLiteral, b: AceLiteral): number | undefined {
  if (typeof a === "bigint" && typeof b === "bigint") return a < b ? -1 : a > b ? 1 : 0;
  if (typeof a === "string" && typeof b === "string") {
    const [x, y] = [a.toUpperCase(), b.toUpperCase()];
    return x < y ? -1 : x > y ? 1 : 0;
  }
  if (a instanceof Uint8Array && b instanceof Uint8Array) {
    const differing = a.findIndex((byte, index) => byte !== b[index]);
    return differing < 0 ? a.length - b.length : (a[differing] ?? 0) - (b[differing] ?? -1);
  }
  const [x, y] = [sidIn(a), sidIn(b)];
  return x === undefined || y === undefined ? undefined : x === y ? 0 : 1;
}

/** Token attributes hold SIDs as text. */
function sidIn(value: AceLiteral): string | undefined {
  if (typeof value === "string") return isSid(value) ? value.toUpperCase() : undefined;
  return typeof value === "object" && "sid" in value ? value.sid : undefined;
}
