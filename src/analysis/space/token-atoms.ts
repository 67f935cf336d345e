import {
  type Ace,
  type FieldValue,
  MATCH_FILTER_RIGHT,
  NULL_SID,
  type SecurityDescriptor,
  type Sid,
  type Token,
  UNKNOWN,
} from "../../model/index.ts";
import { type Bdd, FALSE, type Node, TRUE } from "../bdd/bdd.ts";

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
const isCapability = (sid: Sid) => sid.startsWith("S-1-15-3-");
const isPackage = (sid: Sid) => sid.startsWith("S-1-15-2-") && sid !== ALL_PACKAGES && sid !== ALL_RESTRICTED_PACKAGES;

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
  | `condition ${string}`;

/**
 * Tokens as far as some security descriptors look at them (access-check classes): a variable for each thing that they ask. A descriptor is
 * then a set over these variables, ACE by ACE as Windows walks them ([MS-DTYP] 2.5.3.2).
 */
export class TokenAtoms {
  readonly atoms: readonly Atom[];
  readonly #levels = new Map<Atom, number>();

  /** The variables begin at `first`. */
  constructor(descriptors: readonly SecurityDescriptor[], first: number) {
    const atoms = new Set<Atom>(["empty", "anonymous", "guest", "appcontainer"]);
    for (const sd of descriptors) {
      for (const ace of acesOf(sd)) {
        const sid = ace.sid === OWNER_RIGHTS ? (sd.owner ?? ace.sid) : ace.sid;
        if (ace.condition !== undefined) atoms.add(conditionAtom(ace));
        if (sid === ALL_PACKAGES) atoms.add("less-privileged");
        else if (isCapability(sid)) atoms.add(`capability ${sid}`);
        else if (isPackage(sid)) atoms.add(`package ${sid}`);
        else if (sid !== EVERYONE && sid !== AUTHENTICATED_USERS && sid !== ANONYMOUS && sid !== ALL_RESTRICTED_PACKAGES)
          atoms.add(`member ${sid}`);
      }
    }
    this.atoms = [...atoms];
    for (const [index, atom] of this.atoms.entries()) this.#levels.set(atom, first + index);
  }

  /** The field without a token. */
  empty(bdd: Bdd): Node {
    return this.#variable(bdd, "empty");
  }

  /** Tokens that a descriptor grants FWP_ACTRL_MATCH_FILTER. */
  granted(bdd: Bdd, sd: SecurityDescriptor): Node {
    const present = bdd.not(this.empty(bdd));
    if (sd.dacl === undefined) return present;
    const normal = this.#walk(bdd, sd, (sid) => this.#isMember(bdd, sid, sd.owner));
    const second = this.#walk(bdd, sd, (sid) => this.#inAppContainer(bdd, sid));
    return bdd.and(present, bdd.and(normal, bdd.or(bdd.not(this.#variable(bdd, "appcontainer")), second)));
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
      const [kind, sid = ""] = atom.split(" ");
      if (kind === "member" && isUserOnly(sid as Sid)) users.push(variable);
      if (kind === "package") packages.push(variable);
      if (kind === "package" || kind === "capability" || kind === "less-privileged") set = bdd.and(set, bdd.or(not(variable), contained));
    }
    return bdd.and(set, bdd.and(atMostOne(bdd, users), atMostOne(bdd, packages)));
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
    const user = has("anonymous") ? ANONYMOUS : has("guest") ? GUEST : (members.find(isUserOnly) ?? ORDINARY);
    const contained = has("appcontainer");
    return {
      user,
      groups: members.filter((sid) => !isUserOnly(sid)),
      packageSid: contained ? (listed("package")[0] ?? STRANGER) : null,
      capabilities: contained ? listed("capability") : [],
      attributes: has("less-privileged") ? { [LESS_PRIVILEGED]: [1n] } : {},
    };
  }

  #variable(bdd: Bdd, atom: Atom): Node {
    const level = this.#levels.get(atom);
    return level === undefined ? FALSE : bdd.variable(level);
  }

  /** The first ACE that applies decides; where none does, access is denied. */
  #walk(bdd: Bdd, sd: SecurityDescriptor, member: (sid: Sid) => Node): Node {
    let result: Node = FALSE;
    for (const ace of acesOf(sd).toReversed()) {
      let applies = member(ace.sid);
      if (ace.condition !== undefined) applies = bdd.and(applies, this.#variable(bdd, conditionAtom(ace)));
      result = ace.kind === "allow" ? bdd.or(result, applies) : bdd.difference(result, applies);
    }
    return result;
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

function conditionAtom({ kind, condition }: Ace): Atom {
  return `condition ${kind} ${JSON.stringify(condition, (_, value) => (typeof value === "bigint" ? `${value}n` : value))}`;
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

/** What a concrete token says of an atom; undefined for what it does not. */
function truthOf(atom: Atom, { user, groups, packageSid, capabilities, attributes }: Token): boolean | undefined {
  const [kind, rest = ""] = atom.split(" ");
  const sid = rest as Sid;
  switch (kind) {
    case "empty":
      return false;
    case "anonymous":
      return user === UNKNOWN ? undefined : user === ANONYMOUS;
    case "guest":
      return user === UNKNOWN ? undefined : /^S-1-5-21-.*-501$/.test(user);
    case "appcontainer":
      return packageSid === UNKNOWN ? undefined : packageSid !== null && packageSid !== NULL_SID;
    case "less-privileged":
      return attributes === UNKNOWN ? false : (attributes[LESS_PRIVILEGED] ?? []).some((value) => value !== 0n);
    case "member": {
      if (user === sid || (groups !== UNKNOWN && groups.includes(sid))) return true;
      return user === UNKNOWN || (groups === UNKNOWN && !isUserOnly(sid)) ? undefined : false;
    }
    case "capability":
      if (packageSid === null || packageSid === NULL_SID) return false;
      return capabilities === UNKNOWN ? undefined : capabilities.includes(sid);
    case "package":
      return packageSid === UNKNOWN ? undefined : packageSid === sid;
    default:
      return undefined;
  }
}

/** The token in a field's value; undefined for a field that is empty or unknown. */
export function tokenIn(value: FieldValue): Token | undefined {
  if (value === UNKNOWN) return undefined;
  return value.type === "FWP_TOKEN_ACCESS_INFORMATION_TYPE" || value.type === "FWP_TOKEN_INFORMATION_TYPE" ? value.value : undefined;
}
