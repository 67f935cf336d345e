import { type ClassRow, classRows, FALSE, type Node, type PacketSpace, projected, TRUE } from "../../analysis/index.ts";
import { type AnswerClass, FIELD_KEY, type Guid, type Sid } from "../../model/index.ts";
import { accountName } from "../../report/index.ts";
import { rowFields } from "./class-text.ts";
import type { FlowQuestion } from "./flow-question.ts";
import { mergeRows } from "./merge-rows.ts";

/** Fields by which an answer is listed. */
const SHOWN = [
  FIELD_KEY.ALE_APP_ID,
  FIELD_KEY.IP_LOCAL_ADDRESS,
  FIELD_KEY.IP_REMOTE_ADDRESS,
  FIELD_KEY.IP_LOCAL_PORT,
  FIELD_KEY.IP_REMOTE_PORT,
  FIELD_KEY.IP_LOCAL_INTERFACE,
] as const;

/** Products beyond those listed that are read for what can be said in one. */
const MERGED = 200;

export interface AnswerClassesOptions {
  /** Classes that are listed. */
  readonly limit: number;
  /** Fields that are listed though the question limits them. */
  readonly always?: ReadonlySet<Guid>;
}

/**
 * A set of flows as disjoint classes: first what every usual program can do, then what only those of some accounts or packages can. Together
 * they are the set as far as the fields that are listed tell it.
 */
export function answerClasses(
  question: FlowQuestion,
  heading: string,
  wanted: Node,
  { limit, always }: AnswerClassesOptions,
): { readonly classes: readonly AnswerClass[]; readonly more: boolean } {
  const { space } = question;
  const { bdd } = space;
  const forAll = bdd.and(wanted, usual(space, []));
  const forSome = bdd.difference(wanted, projected(space, forAll, SHOWN));
  const read = limit === 0 ? 0 : limit + MERGED;
  const [first, second] = [classRows(space, forAll, SHOWN, read), classRows(space, forSome, SHOWN, read)];
  const rows = [...mergeRows(first.rows), ...byAccount(question, mergeRows(second.rows), wanted)];
  return {
    classes: rows.slice(0, limit).map((row) => answerClass(question, heading, row, wanted, always)),
    more: first.more || second.more || rows.length > limit,
  };
}

/** Rows for each account, where a field tells the accounts apart: port 135 is one service's, port 3389 another one's. */
function byAccount({ space, within }: FlowQuestion, rows: readonly ClassRow[], wanted: Node): readonly ClassRow[] {
  const accounts = (part: ClassRow) => {
    const all = flowsOf(space, part, within);
    return accountsOf(space, space.bdd.and(all, wanted), all).join();
  };
  const parted = (row: ClassRow): readonly (readonly [accounts: string, row: ClassRow])[] => {
    const own = accounts(row);
    if (own !== "") return [[own, row]];
    for (const [fieldKey, classes] of [...row].toReversed()) {
      const parts = classes.map((index): ClassRow => new Map([...row, [fieldKey, [index]]]));
      const texts = parts.map(accounts);
      if (!texts.includes("")) return parts.map((part, index) => [texts[index] ?? "", part]);
    }
    return [[own, row]];
  };
  const groups = new Map<string, ClassRow[]>();
  for (const [text, row] of rows.flatMap(parted)) groups.set(text, [...(groups.get(text) ?? []), row]);
  return [...groups.values()].flatMap(mergeRows);
}

function flowsOf(space: PacketSpace, row: ClassRow, within: Node): Node {
  let all = within;
  for (const [fieldKey, classes] of row) {
    const dimension = space.dimensionOf(fieldKey);
    if (dimension !== undefined) all = space.bdd.and(all, space.classesSet(dimension, classes));
  }
  return all;
}

/** A row as a class: its fields in words, who it is about, and by what else it depends whether a flow of it is one of `wanted`. */
export function answerClass(
  { space, within, volumes, case: { flow } }: FlowQuestion,
  heading: string,
  row: ClassRow,
  wanted: Node,
  always?: ReadonlySet<Guid>,
): AnswerClass {
  const { bdd } = space;
  let all = flowsOf(space, row, within);
  const some = bdd.and(all, wanted);
  const accounts = accountsOf(space, some, all);
  const token = space.dimensionOf(FIELD_KEY.ALE_USER_ID);
  if (token?.kind === "token") for (const sid of accounts) all = bdd.and(all, token.atoms.having(bdd, sid));
  const dependsOn = dependsOnFields(space, row, some, all);
  return {
    heading,
    fields: [
      ...rowFields(space, row, within, flow.protocol, volumes, always),
      ...(accounts.length === 0 ? [] : [{ name: "ALE_USER_ID", text: accounts.map((sid) => accountName(sid) ?? sid).join(", ") }]),
    ],
    ...(dependsOn.length === 0 ? {} : { dependsOn, isUsual: bdd.difference(bdd.and(all, usual(space, accounts)), some) === FALSE }),
  };
}

/** Fields outside a row by which flows of `all` are in `some` or not. */
function dependsOnFields(space: PacketSpace, row: ClassRow, some: Node, all: Node): readonly string[] {
  const { bdd } = space;
  const names: string[] = [];
  let [inside, outside] = [some, all];
  for (const { fieldKey } of space.fields) {
    if (inside === outside) break;
    const dimension = space.dimensionOf(fieldKey);
    if (dimension === undefined || row.has(fieldKey)) continue;
    const levels = Array.from({ length: dimension.bits }, (_, bit) => dimension.first + bit);
    const without = bdd.exists(inside, levels);
    if (bdd.and(without, outside) !== inside) names.push(dimension.name);
    [inside, outside] = [without, bdd.exists(outside, levels)];
  }
  return names;
}

/** Packets of desktop programs whose account is in no group that filters name, but for some accounts. */
function usual(space: PacketSpace, accounts: readonly Sid[]): Node {
  const token = space.dimensionOf(FIELD_KEY.ALE_USER_ID);
  if (token?.kind !== "token") return TRUE;
  const { bdd } = space;
  const named = new Set(accounts.map((sid) => `member ${sid}`));
  return token.atoms.atoms.reduce<Node>((set, atom, index) => {
    return named.has(atom) ? set : bdd.difference(set, bdd.variable(token.first + index));
  }, TRUE);
}

/** Accounts and groups that every token of a set has, and not all those that are asked about. */
function accountsOf(space: PacketSpace, set: Node, asked: Node): readonly Sid[] {
  const token = space.dimensionOf(FIELD_KEY.ALE_USER_ID);
  if (token?.kind !== "token") return [];
  const { bdd } = space;
  return token.atoms.atoms.flatMap((atom) => {
    const sid = /^member (S-.*)$/.exec(atom)?.[1] as Sid | undefined;
    if (sid === undefined) return [];
    const having = token.atoms.having(bdd, sid);
    return bdd.difference(set, having) === FALSE && bdd.difference(asked, having) !== FALSE ? [sid] : [];
  });
}
