import { formatAceExpression, parseAceExpression } from "./ace-expression.ts";
import type { InputPosition } from "./errors.ts";
import { InputError } from "./errors.ts";
import { SddlCursor } from "./sddl-cursor.ts";
import { formatSidString, parseSidString } from "./sddl-sid.ts";
import type { Ace, SecurityDescriptor } from "./security-descriptor.ts";

/** Access rights by SDDL name, [MS-DTYP] 2.5.1.1 and sddl.h; the composite ones come first so that formatting finds them. */
const compositeRights: readonly (readonly [string, number])[] = [
  ["FA", 0x1f01ff],
  ["FR", 0x120089],
  ["FW", 0x120116],
  ["FX", 0x1200a0],
  ["KA", 0xf003f],
  ["KR", 0x20019],
  ["KW", 0x20006],
];

const bitRights: readonly (readonly [string, number])[] = [
  ["CC", 0x1],
  ["DC", 0x2],
  ["LC", 0x4],
  ["SW", 0x8],
  ["RP", 0x10],
  ["WP", 0x20],
  ["DT", 0x40],
  ["LO", 0x80],
  ["CR", 0x100],
  ["SD", 0x10000],
  ["RC", 0x20000],
  ["WD", 0x40000],
  ["WO", 0x80000],
  ["GA", 0x10000000],
  ["GX", 0x20000000],
  ["GW", 0x40000000],
  ["GR", 0x80000000],
];

// KX is the same mask as KR, so formatting never gives it.
const rights = new Map<string, number>([...compositeRights, ["KX", 0x20019], ...bitRights]);

const aceFlags = ["CI", "OI", "NP", "IO", "ID", "SA", "FA", "CR", "TP"];

const aceKinds: Readonly<Record<string, { readonly kind: Ace["kind"]; readonly conditional: boolean }>> = {
  A: { kind: "allow", conditional: false },
  D: { kind: "deny", conditional: false },
  XA: { kind: "allow", conditional: true },
  XD: { kind: "deny", conditional: true },
};

/** ACE types that exist but have no place here, and why. */
const refusedKinds: Readonly<Record<string, string>> = {
  OA: "object ACEs (OA) belong to directory objects",
  OD: "object ACEs (OD) belong to directory objects",
  ZA: "object ACEs (ZA) belong to directory objects",
  AU: "audit ACEs (AU) belong into the SACL",
  OU: "audit ACEs (OU) belong into the SACL",
  XU: "audit ACEs (XU) belong into the SACL",
  AL: "alarm ACEs (AL) belong into the SACL",
  OL: "alarm ACEs (OL) belong into the SACL",
  ML: "mandatory labels (ML) belong into the SACL",
  RA: "resource attributes (RA) belong into the SACL",
  SP: "policy ACEs (SP) belong into the SACL",
  TL: "trust labels (TL) belong into the SACL",
  FL: "access filters (FL) belong into the SACL",
};

/**
 * Reads SDDL ([MS-DTYP] 2.5.1): owner, group, DACL and SACL in any order, each at most once. The SACL is kept as text. `sddl` of the result is
 * `text` itself. `position` tells where the text stands, for errors.
 * @throws InputError that names the character (from 1) and what was expected.
 */
export function parseSddl(text: string, position: InputPosition = {}): SecurityDescriptor {
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError(error.message, { ...error.position, ...position });
  }
}

function parse(text: string): SecurityDescriptor {
  const cursor = new SddlCursor(text);
  const result: { -readonly [K in keyof SecurityDescriptor]: SecurityDescriptor[K] } = { sddl: text };
  const seen = new Set<string>();
  cursor.space();
  while (!cursor.done) {
    const start = cursor.at;
    const part = cursor.match(/[OGDS]:/iy).toUpperCase();
    if (part === "") cursor.fail("expected O:, G:, D: or S:");
    if (seen.has(part)) cursor.fail(`expected each part once, ${part} came before`, start);
    seen.add(part);
    if (part === "O:") result.owner = parseSidString(cursor);
    else if (part === "G:") result.group = parseSidString(cursor);
    else if (part === "S:") result.sacl = sacl(cursor);
    else {
      const flags = daclFlags(cursor);
      if (flags.length > 0) result.daclFlags = flags;
      if (flags.includes("NO_ACCESS_CONTROL")) {
        if (cursor.peek() === "(") cursor.fail("expected no ACE after NO_ACCESS_CONTROL");
      } else result.dacl = aces(cursor);
    }
    cursor.space();
  }
  return result;
}

function daclFlags(cursor: SddlCursor): string[] {
  const flags: string[] = [];
  for (;;) {
    cursor.space();
    const flag = cursor.match(/NO_ACCESS_CONTROL|AR|AI|P/iy).toUpperCase();
    if (flag === "") return flags;
    flags.push(flag);
  }
}

function aces(cursor: SddlCursor): Ace[] {
  const list: Ace[] = [];
  for (;;) {
    cursor.space();
    if (cursor.peek() !== "(") return list;
    list.push(ace(cursor));
  }
}

function ace(cursor: SddlCursor): Ace {
  cursor.expect("(", "an ACE in parentheses");
  cursor.space();
  const start = cursor.at;
  const type = cursor.match(/[A-Z]+/iy).toUpperCase();
  const refused = refusedKinds[type];
  if (refused !== undefined) cursor.fail(`expected an ACE of type A, D, XA or XD: ${refused}`, start);
  const kind = aceKinds[type];
  if (kind === undefined) cursor.fail("expected an ACE of type A, D, XA or XD", start);
  separator(cursor);
  const flags = aceFlagList(cursor);
  separator(cursor);
  const mask = accessMask(cursor);
  separator(cursor);
  noGuid(cursor, "object");
  separator(cursor);
  noGuid(cursor, "inherited object");
  separator(cursor);
  const sid = parseSidString(cursor);
  cursor.space();
  if (!kind.conditional) {
    if (cursor.peek() === ";") cursor.fail(`expected ) to end the ACE: only XA and XD take a condition`);
    cursor.expect(")", ") to end the ACE");
    return { kind: kind.kind, flags, mask, sid };
  }
  cursor.expect(";", "; and a condition");
  const condition = parseAceExpression(cursor);
  cursor.space();
  cursor.expect(")", ") to end the ACE");
  return { kind: kind.kind, condition, flags, mask, sid };
}

function separator(cursor: SddlCursor): void {
  cursor.space();
  cursor.expect(";", ";");
  cursor.space();
}

function noGuid(cursor: SddlCursor, what: string): void {
  if (cursor.peek() !== ";") cursor.fail(`expected no ${what} GUID in an ACE of this type`);
}

function aceFlagList(cursor: SddlCursor): string[] {
  const flags: string[] = [];
  while (cursor.peek() !== ";") {
    const start = cursor.at;
    const flag = cursor.match(/[A-Z]{2}/iy).toUpperCase();
    if (!aceFlags.includes(flag)) cursor.fail(`expected an ACE flag (${aceFlags.join(", ")})`, start);
    flags.push(flag);
  }
  return flags;
}

/** Letters or a number, [MS-DTYP] 2.5.1.1 ace-rights: hexadecimal, octal (leading zero) or decimal. */
function accessMask(cursor: SddlCursor): number {
  const start = cursor.at;
  const number = cursor.match(/0x[0-9a-f]+|\d+/iy);
  if (number !== "") {
    const octal = /^0\d/.test(number);
    if (octal && /[89]/.test(number)) cursor.fail("expected an octal number, or letters", start);
    const value = octal ? Number.parseInt(number, 8) : Number(number);
    if (value > 0xffffffff) cursor.fail("expected access rights of 32 bits", start);
    return value;
  }
  let mask = 0;
  while (cursor.peek() !== ";") {
    const at = cursor.at;
    const right = rights.get(cursor.match(/[A-Z]{2}/iy).toUpperCase());
    if (right === undefined) cursor.fail("expected access rights in letters (CC, RC, GA…) or as a number", at);
    mask = (mask | right) >>> 0;
    cursor.space();
  }
  return mask;
}

/** The SACL as text: up to the next part outside parentheses and strings. */
function sacl(cursor: SddlCursor): string {
  const start = cursor.at;
  let depth = 0;
  let quoted = false;
  for (; !cursor.done; cursor.at++) {
    const char = cursor.peek();
    if (char === '"') quoted = !quoted;
    else if (!quoted && char === "(") depth++;
    else if (!quoted && char === ")" && --depth < 0) cursor.fail("expected no )");
    else if (!quoted && depth === 0 && /^[OGDS]:/i.test(cursor.peek(2))) break;
  }
  if (depth > 0) cursor.fail("expected ) to end the SACL's last ACE");
  return cursor.text.slice(start, cursor.at).trim();
}

function formatMask(mask: number): string {
  const composite = compositeRights.find(([, value]) => value === mask);
  if (composite !== undefined) return composite[0];
  const letters = bitRights.filter(([, bit]) => (mask & bit) !== 0);
  const covered = letters.reduce((sum, [, bit]) => (sum | bit) >>> 0, 0);
  return covered === mask ? letters.map(([name]) => name).join("") : `0x${mask.toString(16)}`;
}

function formatAce(ace: Ace): string {
  const type = `${ace.condition === undefined ? "" : "X"}${ace.kind === "allow" ? "A" : "D"}`;
  const condition = ace.condition === undefined ? "" : `;${formatAceExpression(ace.condition)}`;
  return `(${type};${ace.flags.join("")};${formatMask(ace.mask)};;;${formatSidString(ace.sid)}${condition})`;
}

/** Canonical SDDL of the parts (not of `sddl`): O, G, D, S, abbreviations where they exist, conditions as Windows parenthesises them. */
export function formatSddl(sd: SecurityDescriptor): string {
  const owner = sd.owner === undefined ? "" : `O:${formatSidString(sd.owner)}`;
  const group = sd.group === undefined ? "" : `G:${formatSidString(sd.group)}`;
  const flags = (sd.daclFlags ?? []).join("");
  const dacl = sd.dacl === undefined && flags === "" ? "" : `D:${flags}${(sd.dacl ?? []).map(formatAce).join("")}`;
  return `${owner}${group}${dacl}${sd.sacl === undefined ? "" : `S:${sd.sacl}`}`;
}
