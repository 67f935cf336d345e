import {
  type Ace,
  type AceExpression,
  type FieldValue,
  isOwnDomainSid,
  MATCH_FILTER_RIGHT,
  NULL_SID,
  type SecurityDescriptor,
  type Sid,
  type Token,
  UNKNOWN,
} from "../../model/index.ts";
import { type Bdd, FALSE, type Node, TRUE } from "../bdd/bdd.ts";
import { bothOf, eitherOf, type KleeneSet, NOTHING, oppositeOf, surely, UNTOLD } from "./kleene-set.ts";

const OWNER_RIGHTS: Sid = "S-1-3-4";
const EVERYONE: Sid = "S-1-1-0";
const ANONYMOUS: Sid = "S-1-5-7";
const AUTHENTICATED_USERS: Sid = "S-1-5-11";
const GUEST: Sid = "S-1-5-21-1-2-3-501";
const ORDINARY: Sid = "S-1-5-21-1-2-3-1001";
const STRANGER: Sid = "S-1-15-2-1-2-3-4-5-6-7";
const ALL_PACKAGES: Sid = "S-1-15-2-1";
const ALL_RESTRICTED_PACKAGES: Sid = "S-1-15-2-2";
const LESS_PRIVILEGED = "WIN://NOALLAPPPKG";

/** Accounts that are a token's user and never a group of it; a token has one user. */
const isUserOnly = (sid: Sid) => /^S-1-5-(18|19|20)$/.test(sid);
/** Placeholders that stand in no token: NULL, CREATOR OWNER and GROUP, SELF. */
const isPlaceholder = (sid: Sid) => /^S-1-(0-0|3-[01]|5-10)$/.test(sid);
const isCapability = (sid: Sid) => sid.startsWith("S-1-15-3-");
export const isPackage = (sid: Sid) => sid.startsWith("S-1-15-2-") && sid !== ALL_PACKAGES && sid !== ALL_RESTRICTED_PACKAGES;

/** What an access check can ask about a token, each yes or no: one variable of its own. */
type Atom =
  | "empty"
  | "anonymous"
  | "guest"
  | "appcontainer"
  | "less-privileged"
  | `member ${Sid}`
  | `capability ${Sid}`
  | `package ${Sid}`
  | `attribute ${string}`;

/**
 * Tokens as far as some security descriptors look at them (access-check classes): a variable for each thing that they ask. A descriptor is
 * then a set over these variables, ACE by ACE as Windows walks them ([MS-DTYP] 2.5.3.2).
 */
export class TokenAtoms {
  readonly atoms: readonly Atom[];
  readonly #levels = new Map<Atom, number>();
  /** A user, a guest and a package that no descriptor names. */
  readonly #ordinary: Sid;
  readonly #guest: Sid;
  readonly #stranger: Sid;

  /** The variables begin at `first`. */
  constructor(descriptors: readonly SecurityDescriptor[], first: number) {
    const atoms = new Set<Atom>(["empty", "anonymous", "guest", "appcontainer"]);
    for (const sd of descriptors) {
      for (const ace of acesOf(sd)) {
        const sid = ace.sid === OWNER_RIGHTS ? (sd.owner ?? ace.sid) : ace.sid;
        for (const asked of [sid, ...(ace.condition === undefined ? [] : atomsIn(ace.condition))]) {
          const atom = asked.startsWith("S-1-") ? sidAtom(asked as Sid) : (asked as Atom);
          if (atom !== undefined) atoms.add(atom);
        }
      }
    }
    this.atoms = [...atoms];
    const named = new Set(this.atoms.map((atom) => restOf(atom)));
    this.#ordinary = unnamed(ORDINARY, named);
    this.#guest = unnamed(GUEST, named);
    this.#stranger = unnamed(STRANGER, named);
    for (const [index, atom] of this.atoms.entries()) this.#levels.set(atom, first + index);
  }

  /** The field without a token. */
  empty(bdd: Bdd): Node {
    return this.#variable(bdd, "empty");
  }

  /** Tokens that a descriptor grants FWP_ACTRL_MATCH_FILTER. */
  granted(bdd: Bdd, sd: SecurityDescriptor): KleeneSet {
    const present = surely(bdd.not(this.empty(bdd)));
    if (sd.dacl === undefined) return present;
    const normal = this.#walk(bdd, sd, (sid) => this.#isMember(bdd, sid, sd.owner));
    const second = this.#walk(bdd, sd, (sid) => this.#inAppContainer(bdd, sid));
    const outside = surely(bdd.not(this.#variable(bdd, "appcontainer")));
    return bothOf(bdd, present, bothOf(bdd, normal, eitherOf(bdd, outside, second)));
  }

  /** Combinations that a token can have. */
  possible(bdd: Bdd): Node {
    let set: Node = TRUE;
    const not = (a: Node) => bdd.not(a);
    const anonymous = this.#variable(bdd, "anonymous");
    const users: Node[] = [anonymous, this.#variable(bdd, "guest")];
    const packages: Node[] = [];
    const contained = this.#variable(bdd, "appcontainer");
    const present = not(this.empty(bdd));
    for (const atom of this.atoms) {
      const variable = this.#variable(bdd, atom);
      if (atom !== "empty") set = bdd.and(set, bdd.or(not(variable), present));
      const kind = kindOf(atom);
      if (kind === "member" && isUserOnly(restOf(atom) as Sid)) users.push(variable);
      if (kind === "package") packages.push(variable);
      if (kind === "package" || kind === "capability" || kind === "less-privileged") set = bdd.and(set, bdd.or(not(variable), contained));
    }
    return bdd.and(set, bdd.and(atMostOne(bdd, users), atMostOne(bdd, packages)));
  }

  /** Tokens whose user or one of whose groups this is; none where no descriptor asks for it. */
  having(bdd: Bdd, sid: Sid): Node {
    return this.#variable(bdd, `member ${sid}`);
  }

  /** Tokens of programs that have this package SID: the null SID for those outside any AppContainer; undefined for an empty field. */
  ofPackage(bdd: Bdd, sid: Sid | undefined): Node {
    const contained = this.#variable(bdd, "appcontainer");
    if (sid === undefined) return TRUE;
    if (sid === NULL_SID) return bdd.not(contained);
    let set = contained;
    for (const atom of this.atoms) {
      if (!atom.startsWith("package ")) continue;
      const variable = this.#variable(bdd, atom);
      set = bdd.and(set, atom === `package ${sid}` ? variable : bdd.not(variable));
    }
    return set;
  }

  /** Assignments that a token has; what it leaves unknown stays open. */
  known(bdd: Bdd, token: Token): Node {
    let set: Node = bdd.not(this.empty(bdd));
    for (const atom of this.atoms) {
      const truth = truthOf(atom, token);
      if (truth === undefined) continue;
      const variable = this.#variable(bdd, atom);
      set = bdd.and(set, truth ? variable : bdd.not(variable));
    }
    return set;
  }

  /** Atom by atom what a token says; undefined for what it does not. No token at all is the empty field. */
  truths(token: Token | undefined): (boolean | undefined)[] {
    return this.atoms.map((atom) => (token === undefined ? atom === "empty" : truthOf(atom, token)));
  }

  /** A token for an assignment, an ordinary user's where it leaves things open; undefined for the empty field. */
  token(value: (level: number) => boolean): Token | undefined {
    const has = (atom: Atom) => {
      const level = this.#levels.get(atom);
      return level !== undefined && value(level);
    };
    const listed = (prefix: string) =>
      this.atoms.filter((atom) => atom.startsWith(`${prefix} `) && has(atom)).map((atom) => atom.slice(prefix.length + 1) as Sid);
    if (has("empty")) return undefined;
    const members = listed("member");
    const user = has("anonymous") ? ANONYMOUS : has("guest") ? this.#guest : (members.find(isUserOnly) ?? this.#ordinary);
    const attributes: Record<string, (string | bigint)[]> = has("less-privileged") ? { [LESS_PRIVILEGED]: [1n] } : {};
    for (const atom of this.atoms) {
      if (kindOf(atom) !== "attribute" || !has(atom)) continue;
      const [name = "", text = ""] = restOf(atom).split("\n");
      attributes[name] = [...(attributes[name] ?? []), text];
    }
    const contained = has("appcontainer");
    return {
      user,
      groups: members.filter((sid) => !isUserOnly(sid)),
      packageSid: contained ? (listed("package")[0] ?? this.#stranger) : null,
      capabilities: contained ? listed("capability") : [],
      attributes,
    };
  }

  #variable(bdd: Bdd, atom: Atom): Node {
    const level = this.#levels.get(atom);
    return level === undefined ? FALSE : bdd.variable(level);
  }

  /** The first ACE that applies decides; where none does, access is denied. */
  #walk(bdd: Bdd, sd: SecurityDescriptor, member: (sid: Sid) => Node): KleeneSet {
    let result = NOTHING;
    for (const ace of acesOf(sd).toReversed()) {
      let applies = surely(member(ace.sid));
      if (ace.condition !== undefined) applies = bothOf(bdd, applies, this.#conditionHolds(bdd, ace, sd.owner));
      // Of generic rights alone nobody can tell what they were mapped to.
      if ((ace.mask & MATCH_FILTER_RIGHT) === 0) applies = { must: FALSE, can: applies.can };
      result = ace.kind === "allow" ? eitherOf(bdd, applies, result) : bothOf(bdd, oppositeOf(bdd, applies), result);
    }
    return result;
  }

  /** Whether a conditional ACE applies as far as its expression goes: unknown counts as not granted, and as denied ([MS-DTYP] 2.5.3.2). */
  #conditionHolds(bdd: Bdd, ace: Ace, owner: Sid | undefined): KleeneSet {
    const holds = ace.condition === undefined ? undefined : this.#expression(bdd, ace.condition, owner);
    if (holds === undefined) return UNTOLD;
    return ace.kind === "allow" ? surely(holds) : { must: holds, can: TRUE };
  }

  /** Tokens for which an expression is TRUE; undefined for expressions that are not told apart. */
  #expression(bdd: Bdd, expression: AceExpression, owner: Sid | undefined): Node | undefined {
    switch (expression.op) {
      case "&&":
      case "||": {
        const left = this.#expression(bdd, expression.left, owner);
        const right = this.#expression(bdd, expression.right, owner);
        if (left === undefined || right === undefined) return undefined;
        return expression.op === "&&" ? bdd.and(left, right) : bdd.or(left, right);
      }
      case "member-of":
        return expression.sids.reduce((all: Node, sid) => bdd.and(all, this.#isMember(bdd, sid, owner)), TRUE);
      case "member-of-any":
        return expression.sids.reduce((any: Node, sid) => bdd.or(any, this.#isMember(bdd, sid, owner)), FALSE);
      case "contains":
      case "any-of": {
        const atoms = attributeAtoms(expression)?.map((atom) => this.#variable(bdd, atom));
        if (atoms === undefined) return undefined;
        return expression.op === "contains"
          ? atoms.reduce((all, atom) => bdd.and(all, atom), TRUE)
          : atoms.reduce((any, atom) => bdd.or(any, atom), FALSE);
      }
      default:
        return undefined;
    }
  }

  #isMember(bdd: Bdd, sid: Sid, owner: Sid | undefined): Node {
    if (sid === OWNER_RIGHTS) return owner === undefined || owner === OWNER_RIGHTS ? FALSE : this.#isMember(bdd, owner, owner);
    const anonymous = this.#variable(bdd, "anonymous");
    if (sid === EVERYONE) return bdd.not(anonymous);
    if (sid === ANONYMOUS) return anonymous;
    if (sid === AUTHENTICATED_USERS) return bdd.not(bdd.or(anonymous, this.#variable(bdd, "guest")));
    return this.#variable(bdd, `member ${sid}`);
  }

  #inAppContainer(bdd: Bdd, sid: Sid): Node {
    if (sid === ALL_RESTRICTED_PACKAGES) return TRUE;
    if (sid === ALL_PACKAGES) return bdd.not(this.#variable(bdd, "less-privileged"));
    return isCapability(sid) ? this.#variable(bdd, `capability ${sid}`) : isPackage(sid) ? this.#variable(bdd, `package ${sid}`) : FALSE;
  }
}

/** The ACEs that say something about the right that conditions ask for. */
function acesOf({ dacl = [] }: SecurityDescriptor): readonly Ace[] {
  return dacl.filter(({ flags, mask }) => !flags.includes("IO") && (mask & (MATCH_FILTER_RIGHT | 0xf0000000)) !== 0);
}

/** "The attribute has the value", for each value that a comparison with texts names; undefined for other comparisons. */
function attributeAtoms(expression: AceExpression): Atom[] | undefined {
  if (expression.op !== "contains" && expression.op !== "any-of") return undefined;
  const { left, right } = expression;
  if (left.op !== "attribute" || right.op !== "literal" || (left.namespace !== "local" && left.namespace !== "user")) return undefined;
  const name = left.namespace === "user" ? `@User.${left.name}` : left.name;
  const texts = typeof right.value === "string" ? [right.value] : Array.isArray(right.value) ? right.value : [undefined];
  const atoms = texts.map((text): Atom | undefined => (typeof text === "string" && text !== "" ? attributeAtom(name, text) : undefined));
  return atoms.includes(undefined) || atoms.length === 0 ? undefined : atoms.flatMap((atom) => (atom === undefined ? [] : [atom]));
}

/** Names and texts of attributes are compared without regard to case. */
function attributeAtom(name: string, text: string): Atom {
  return `attribute ${name.toUpperCase()}\n${text.toUpperCase()}`;
}

/** Everything that an expression asks about a token. */
function atomsIn(expression: AceExpression): (Atom | Sid)[] {
  switch (expression.op) {
    case "&&":
    case "||":
      return [...atomsIn(expression.left), ...atomsIn(expression.right)];
    case "member-of":
    case "member-of-any":
      return [...expression.sids];
    default:
      return attributeAtoms(expression) ?? [];
  }
}

function atMostOne(bdd: Bdd, variables: readonly Node[]): Node {
  let none: Node = TRUE;
  let one: Node = FALSE;
  for (const variable of variables.toReversed()) {
    one = bdd.or(bdd.difference(one, variable), bdd.and(none, variable));
    none = bdd.difference(none, variable);
  }
  return bdd.or(none, one);
}

function kindOf(atom: Atom): string {
  const space = atom.indexOf(" ");
  return space < 0 ? atom : atom.slice(0, space);
}

function restOf(atom: Atom): string {
  return atom.slice(kindOf(atom).length + 1);
}

/** What an ACE's SID asks about a token; undefined for SIDs that the other atoms say, and for those that no token has. */
function sidAtom(sid: Sid): Atom | undefined {
  if (sid === ALL_PACKAGES) return "less-privileged";
  if (isCapability(sid)) return `capability ${sid}`;
  if (isPackage(sid)) return `package ${sid}`;
  if (sid === EVERYONE || sid === AUTHENTICATED_USERS || sid === ANONYMOUS || sid === ALL_RESTRICTED_PACKAGES) return undefined;
  return isPlaceholder(sid) || sid === OWNER_RIGHTS ? undefined : `member ${sid}`;
}

/** The SID, or one of the same kind that is not named. */
function unnamed(sid: Sid, named: ReadonlySet<string>): Sid {
  let domain = 4;
  let found = sid;
  while (named.has(found)) found = sid.replace(/-3(-\d+|-4-5-6-7)$/, `-${domain++}$1`) as Sid;
  return found;
}

/** Whether a SID of a domain that nobody told may be this one (SDDL LA, DA…): the engine cannot say either. */
function mayBeSame(a: Sid, b: Sid): boolean {
  if (a === b || (!isOwnDomainSid(a) && !isOwnDomainSid(b))) return false;
  return a.startsWith("S-1-5-21-") && b.startsWith("S-1-5-21-") && a.slice(a.lastIndexOf("-")) === b.slice(b.lastIndexOf("-"));
}

/** What a concrete token says of an atom; undefined for what it does not. */
function truthOf(atom: Atom, { user, groups, packageSid, capabilities, attributes }: Token): boolean | undefined {
  const rest = restOf(atom);
  const sid = rest as Sid;
  switch (kindOf(atom)) {
    case "empty":
      return false;
    case "anonymous":
      return user === UNKNOWN ? undefined : user === ANONYMOUS;
    case "guest":
      return user === UNKNOWN ? undefined : /^S-1-5-21-.*-501$/.test(user);
    case "appcontainer":
      return packageSid === UNKNOWN ? undefined : packageSid !== null && packageSid !== NULL_SID;
    case "less-privileged":
      if (packageSid === null || packageSid === NULL_SID || attributes === UNKNOWN) return false;
      return (attributes[LESS_PRIVILEGED] ?? []).some((value) => value !== 0n);
    case "member": {
      if (user === sid || (groups !== UNKNOWN && groups.includes(sid))) return true;
      if (user === UNKNOWN || (groups === UNKNOWN && !isUserOnly(sid))) return undefined;
      return [user, ...(groups === UNKNOWN ? [] : groups)].some((own) => mayBeSame(own, sid)) ? undefined : false;
    }
    case "capability":
      if (packageSid === null || packageSid === NULL_SID) return false;
      return capabilities === UNKNOWN ? undefined : capabilities.includes(sid);
    case "package":
      return packageSid === UNKNOWN ? undefined : packageSid === sid;
    case "attribute": {
      if (attributes === UNKNOWN) return undefined;
      const [name = "", text = ""] = rest.split("\n");
      const values = Object.entries(attributes).find(([key]) => key.toUpperCase() === name)?.[1] ?? [];
      return values.some((value) => typeof value === "string" && value.toUpperCase() === text);
    }
    default:
      return undefined;
  }
}

/** The token in a field's value; undefined for a field that is empty or unknown. */
export function tokenIn(value: FieldValue): Token | undefined {
  if (value === UNKNOWN) return undefined;
  return value.type === "FWP_TOKEN_ACCESS_INFORMATION_TYPE" || value.type === "FWP_TOKEN_INFORMATION_TYPE" ? value.value : undefined;
}
