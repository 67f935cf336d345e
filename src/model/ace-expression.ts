import { InputError } from "./errors.ts";
import type { SddlCursor } from "./sddl-cursor.ts";
import { formatSidString, parseSidString } from "./sddl-sid.ts";
import type { AceExpression, AceLiteral } from "./security-descriptor.ts";
import type { Sid } from "./sid.ts";

type MemberOp = Extract<AceExpression, { sids: readonly Sid[] }>["op"];

/** Operators by the SDDL spelling, [MS-DTYP] 2.5.1.1; Windows takes them in any case. */
const members: readonly (readonly [string, Exclude<MemberOp, "sids">])[] = [
  ["Not_Device_Member_of_Any", "not-device-member-of-any"],
  ["Not_Device_Member_of", "not-device-member-of"],
  ["Device_Member_of_Any", "device-member-of-any"],
  ["Device_Member_of", "device-member-of"],
  ["Not_Member_of_Any", "not-member-of-any"],
  ["Not_Member_of", "not-member-of"],
  ["Member_of_Any", "member-of-any"],
  ["Member_of", "member-of"],
];

const existence: readonly (readonly [string, "exists" | "not-exists"])[] = [
  ["Not_Exists", "not-exists"],
  ["Exists", "exists"],
];

type Relation = Exclude<Extract<AceExpression, { left: AceExpression }>["op"], "&&" | "||">;

const relations: readonly (readonly [string, Relation])[] = [
  ["==", "=="],
  ["!=", "!="],
  ["<=", "<="],
  [">=", ">="],
  ["<", "<"],
  [">", ">"],
  ["Not_Contains", "not-contains"],
  ["Not_Any_of", "not-any-of"],
  ["Contains", "contains"],
  ["Any_of", "any-of"],
];

/** "@TOKEN." is a later spelling of the plain name: both are attributes of the token itself. */
const namespaces: readonly (readonly [string, Extract<AceExpression, { op: "attribute" }>["namespace"]])[] = [
  ["@USER.", "user"],
  ["@DEVICE.", "device"],
  ["@RESOURCE.", "resource"],
  ["@TOKEN.", "local"],
];

/** Deeper nesting and longer chains than people write; they keep hostile text from exhausting the stack. */
const MAX_DEPTH = 200;
const MAX_CHAIN = 1000;

/** The condition of a conditional ACE, in its parentheses. Precedence: relations, !, &&, ||. */
export function parseAceExpression(cursor: SddlCursor): AceExpression {
  cursor.space();
  cursor.expect("(", "a condition in parentheses");
  const expression = or(cursor, 0);
  cursor.space();
  cursor.expect(")", "&&, || or ) in the condition");
  return expression;
}

function or(cursor: SddlCursor, depth: number): AceExpression {
  let left = and(cursor, depth);
  for (let links = 0; ; links++) {
    cursor.space();
    if (!cursor.take("||")) return left;
    if (links > MAX_CHAIN) cursor.fail(`expected at most ${MAX_CHAIN} conditions joined by ||`);
    left = { op: "||", left, right: and(cursor, depth) };
  }
}

function and(cursor: SddlCursor, depth: number): AceExpression {
  let left = unary(cursor, depth);
  for (let links = 0; ; links++) {
    cursor.space();
    if (!cursor.take("&&")) return left;
    if (links > MAX_CHAIN) cursor.fail(`expected at most ${MAX_CHAIN} conditions joined by &&`);
    left = { op: "&&", left, right: unary(cursor, depth) };
  }
}

function unary(cursor: SddlCursor, depth: number): AceExpression {
  if (depth > MAX_DEPTH) cursor.fail(`expected a condition nested at most ${MAX_DEPTH} deep`);
  cursor.space();
  if (cursor.peek() === "!" && cursor.peek(2) !== "!=") {
    cursor.take("!");
    return { op: "not", operand: unary(cursor, depth + 1) };
  }
  if (cursor.take("(")) {
    const inner = or(cursor, depth + 1);
    cursor.space();
    cursor.expect(")", "&&, || or ) in the condition");
    return inner;
  }
  return term(cursor);
}

function term(cursor: SddlCursor): AceExpression {
  for (const [word, op] of members) {
    if (keyword(cursor, word)) return { op, sids: sidArray(cursor) };
  }
  for (const [word, op] of existence) {
    if (keyword(cursor, word)) return { op, operand: attribute(cursor) };
  }
  const left = attribute(cursor);
  cursor.space();
  for (const [word, op] of relations) {
    if (/^[A-Z]/i.test(word) ? keyword(cursor, word) : cursor.take(word)) return { op, left, right: operand(cursor) };
  }
  return left;
}

/** Takes an operator word if the next character cannot go on with it. */
function keyword(cursor: SddlCursor, word: string): boolean {
  if (/[A-Z0-9_:./]/i.test(cursor.text.charAt(cursor.at + word.length))) return false;
  return cursor.take(word);
}

function attribute(cursor: SddlCursor): AceExpression {
  cursor.space();
  const start = cursor.at;
  const prefix = namespaces.find(([word]) => cursor.take(word));
  // Plain names take fewer characters unescaped than prefixed ones (attr-char1, attr-char2).
  const text = cursor.match(
    prefix === undefined ? /([A-Z0-9:./_]|%[0-9A-F]{4})([A-Z0-9:./_@]|%[0-9A-F]{4})*/iy : /([^\s!"&()<=>|%{},]|%[0-9A-F]{4})+/iy,
  );
  if (text === "") cursor.fail("expected an attribute name or an operator (Member_of, Exists, !)", start);
  const name = text.replace(/%([0-9A-F]{4})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return { op: "attribute", namespace: prefix?.[1] ?? "local", name };
}

/** The right side of a relation: a prefixed attribute, or a literal or composite. */
function operand(cursor: SddlCursor, depth = 0): AceExpression {
  if (depth > MAX_DEPTH) cursor.fail(`expected a value in at most ${MAX_DEPTH} parentheses`);
  cursor.space();
  if (cursor.take("(")) {
    const inner = operand(cursor, depth + 1);
    cursor.space();
    cursor.expect(")", ") after the value");
    return inner;
  }
  if (cursor.peek() === "@") return attribute(cursor);
  if (cursor.peek() === "{") {
    const list = composite(cursor);
    return sidsOf(list) ?? { op: "literal", value: list };
  }
  const value = literal(cursor);
  return typeof value === "object" && "sid" in value ? { op: "sids", sids: [value.sid] } : { op: "literal", value };
}

/** A composite of SIDs alone is kept as `sids`, as Member_of has it; undefined for others. */
function sidsOf(list: readonly AceLiteral[]): AceExpression | undefined {
  const sids = list.flatMap((value) => (typeof value === "object" && "sid" in value ? [value.sid] : []));
  return sids.length === list.length && sids.length > 0 ? { op: "sids", sids } : undefined;
}

function sidArray(cursor: SddlCursor): readonly Sid[] {
  cursor.space();
  const start = cursor.at;
  const value = operand(cursor);
  if (value.op !== "sids") cursor.fail("expected SID(…) or {SID(…), …}", start);
  return value.sids;
}

function composite(cursor: SddlCursor): AceLiteral[] {
  cursor.expect("{", "{");
  const list: AceLiteral[] = [];
  cursor.space();
  if (cursor.take("}")) return list;
  for (;;) {
    cursor.space();
    list.push(literal(cursor));
    cursor.space();
    if (cursor.take("}")) return list;
    cursor.expect(",", ", or } in the list of values");
  }
}

function literal(cursor: SddlCursor): AceLiteral {
  const start = cursor.at;
  if (cursor.take('"')) {
    // No escapes: a string cannot hold a quotation mark.
    const text = cursor.match(/[^"]*/y);
    cursor.expect('"', '" to end the string');
    return text;
  }
  if (cursor.take("#")) {
    // A further "#" stands for the digit 0, and Microsoft's page reads #1#2#3## as #01020300: a missing first digit is 0.
    const digits = cursor.match(/[0-9A-F#]*/iy).replaceAll("#", "0");
    const hex = digits.length % 2 === 0 ? digits : `0${digits}`;
    return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  }
  if (cursor.take("SID")) {
    cursor.space();
    cursor.expect("(", "( after SID");
    const sid = parseSidString(cursor);
    cursor.space();
    cursor.expect(")", ") after the SID");
    return { sid };
  }
  const number = cursor.match(/[+-]?(0x[0-9A-F]+|\d+)/iy);
  if (number === "") cursor.fail('expected a value: "text", number, #hex, SID(…), {…} or @User.name', start);
  const digits = number.replace(/^[+-]/, "");
  if (/^0\d*[89]/.test(digits)) cursor.fail("expected an octal number after the leading 0", start);
  const size = BigInt(/^0\d/.test(digits) ? `0o${digits.slice(1)}` : digits);
  const value = number.startsWith("-") ? -size : size;
  if (value < -(1n << 63n) || value >= 1n << 64n) cursor.fail("expected a number of 64 bits", start);
  return value;
}

/** The condition in the parentheses that SDDL wants around it. */
export function formatAceExpression(expression: AceExpression): string {
  return `(${format(expression)})`;
}

function format(expression: AceExpression): string {
  switch (expression.op) {
    case "attribute":
      return formatAttribute(expression);
    case "literal":
      return formatValue(expression.value);
    case "sids":
      return formatSids(expression.sids);
    case "exists":
    case "not-exists":
      return `${spelling(existence, expression.op)} ${format(expression.operand)}`;
    case "not":
      return `!(${format(expression.operand)})`;
    case "&&":
    case "||":
      return `(${format(expression.left)}) ${expression.op} (${format(expression.right)})`;
    case "member-of":
    case "member-of-any":
    case "device-member-of":
    case "device-member-of-any":
    case "not-member-of":
    case "not-member-of-any":
    case "not-device-member-of":
    case "not-device-member-of-any":
      return `${spelling(members, expression.op)} {${expression.sids.map(formatSid).join(", ")}}`;
    default:
      return `${format(expression.left)} ${spelling(relations, expression.op)} ${format(expression.right)}`;
  }
}

function spelling<T extends string>(table: readonly (readonly [string, T])[], op: T): string {
  return table.find((row) => row[1] === op)?.[0] ?? op;
}

function formatAttribute({ namespace, name }: Extract<AceExpression, { op: "attribute" }>): string {
  const encode = (char: string) => `%${char.charCodeAt(0).toString(16).padStart(4, "0")}`;
  if (namespace !== "local") return `@${namespace.toUpperCase()}.${name.replace(/[^!-~]|[!"&()<=>|%{},]/g, encode)}`;
  // An attribute named like an operator must not read as one.
  const operator = [...members, ...existence].some(([word]) => word.toUpperCase() === name.toUpperCase());
  return name.replace(operator ? /^./ : /[^A-Za-z0-9:./_@]|^@/g, encode);
}

function formatSid(sid: Sid): string {
  return `SID(${formatSidString(sid)})`;
}

function formatSids(sids: readonly Sid[]): string {
  const [only] = sids;
  return sids.length === 1 && only !== undefined ? formatSid(only) : `{${sids.map(formatSid).join(", ")}}`;
}

function formatValue(value: string | bigint | Uint8Array | readonly AceLiteral[]): string {
  if (typeof value === "string") {
    if (value.includes('"')) throw new InputError(`SDDL cannot express the string ${value}: it has no way to write a quotation mark`);
    return `"${value}"`;
  }
  if (typeof value === "bigint") return value.toString();
  if (value instanceof Uint8Array) return `#${Array.from(value, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
  return `{${value.map((item) => (typeof item === "object" && "sid" in item ? formatSid(item.sid) : formatValue(item))).join(", ")}}`;
}
