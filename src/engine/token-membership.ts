import { isOwnDomainSid, type Sid, type Token, type Truth, UNKNOWN } from "../model/index.ts";

const EVERYONE: Sid = "S-1-1-0";
const OWNER_RIGHTS: Sid = "S-1-3-4";
const ANONYMOUS: Sid = "S-1-5-7";
const AUTHENTICATED_USERS: Sid = "S-1-5-11";
const SYSTEM: Sid = "S-1-5-18";
const ADMINISTRATORS: Sid = "S-1-5-32-544";
const ALL_APPLICATION_PACKAGES: Sid = "S-1-15-2-1";
const ALL_RESTRICTED_APPLICATION_PACKAGES: Sid = "S-1-15-2-2";

/** Set in the tokens of less privileged AppContainers, which ALL APPLICATION PACKAGES does not cover. */
const LESS_PRIVILEGED = "WIN://NOALLAPPPKG";

/**
 * SIDs that no token lists among its groups: accounts (SYSTEM, LOCAL SERVICE, NETWORK SERVICE, ANONYMOUS LOGON), placeholders (CREATOR OWNER,
 * SELF, NULL), and packages and capabilities, which stand in lists of their own.
 */
const neverGroup = /^S-1-(5-(7|10|18|19|20)|3-[01]|0-0|15-[23]-.*)$/;

export function and3(a: Truth, b: Truth): Truth {
  if (a === "false" || b === "false") return "false";
  return a === "true" && b === "true" ? "true" : "unknown";
}

export function or3(a: Truth, b: Truth): Truth {
  if (a === "true" || b === "true") return "true";
  return a === "false" && b === "false" ? "false" : "unknown";
}

/** What holds when either of two cases may be the real one. */
export function merge3(a: Truth, b: Truth): Truth {
  return a === b ? a : "unknown";
}

/**
 * Whether `sid` is the token's user or one of its enabled groups; an UNKNOWN user is anyone but the anonymous one. Everyone and Authenticated Users need not be listed: the first holds for
 * all but the anonymous user, the second for all but the anonymous user and Guest. OWNER RIGHTS means the owner.
 */
export function isMember(token: Token, sid: Sid, owner?: Sid): Truth {
  if (sid === OWNER_RIGHTS) return owner === undefined || owner === OWNER_RIGHTS ? "false" : isMember(token, owner);
  const implicit = implicitMember(token, sid);
  if (implicit === "true") return implicit;
  return or3(implicit, or3(isUser(token, sid), isGroup(token, sid)));
}

function implicitMember(token: Token, sid: Sid): Truth {
  const { user } = token;
  if (sid === EVERYONE) return user === ANONYMOUS ? "false" : "true";
  if (sid === AUTHENTICATED_USERS) {
    if (user === UNKNOWN) return "unknown";
    return user === ANONYMOUS || isGuest(user) ? "false" : "true";
  }
  // LocalSystem's token has Administrators, which need not be told either.
  return sid === ADMINISTRATORS && user === SYSTEM && token.groups === UNKNOWN ? "true" : "false";
}

function isGuest(user: Sid): boolean {
  return /^S-1-5-21-.*-501$/.test(user);
}

function isUser(token: Token, sid: Sid): Truth {
  if (token.user !== UNKNOWN) return sameSid(token.user, sid);
  // Groups of the well-known authorities are no accounts (services are); the anonymous user is the other case, see accessCheck.
  return /^S-1-(1|2|3|15|16|18)-|^S-1-5-(\d|1[0-5]|32-.*|33)$/.test(sid) ? "false" : "unknown";
}

function isGroup(token: Token, sid: Sid): Truth {
  if (token.groups !== UNKNOWN) return anySame(token.groups, sid);
  // What implicitMember says of these two is all there is; a token without them is the anonymous one, or Guest's.
  if (sid === EVERYONE || sid === AUTHENTICATED_USERS) return "false";
  if (neverGroup.test(sid)) return "false";
  // The accounts Administrator and Guest, of whichever domain.
  return /^S-1-5-21-.*-50[01]$/.test(sid) ? "false" : "unknown";
}

/**
 * Whether `sid` counts in the second check of an AppContainer's token: its package, its capabilities, ALL APPLICATION PACKAGES. A token whose
 * attributes do not say that it is a less privileged AppContainer is taken for an ordinary one.
 */
export function inAppContainer(token: Token, sid: Sid): Truth {
  if (sid === ALL_RESTRICTED_APPLICATION_PACKAGES) return "true";
  if (sid === ALL_APPLICATION_PACKAGES) return isLessPrivileged(token) ? "false" : "true";
  if (sid.startsWith("S-1-15-2-")) return token.packageSid === UNKNOWN ? "unknown" : token.packageSid === sid ? "true" : "false";
  if (token.capabilities !== UNKNOWN) return token.capabilities.includes(sid) ? "true" : "false";
  return sid.startsWith("S-1-15-3-") ? "unknown" : "false";
}

function isLessPrivileged(token: Token): boolean {
  if (token.attributes === UNKNOWN) return false;
  return (token.attributes[LESS_PRIVILEGED] ?? []).some((value) => value !== 0n);
}

function anySame(list: readonly Sid[], sid: Sid): Truth {
  let result: Truth = "false";
  for (const item of list) {
    result = or3(result, sameSid(item, sid));
    if (result === "true") break;
  }
  return result;
}

/** Equality of SIDs; "unknown" where one stands for an account of a domain that nobody told (SDDL LA, DA…) and the RIDs agree. */
function sameSid(a: Sid, b: Sid): Truth {
  if (a === b) return "true";
  if (!isOwnDomainSid(a) && !isOwnDomainSid(b)) return "false";
  const rid = (sid: Sid) => sid.slice(sid.lastIndexOf("-"));
  return a.startsWith("S-1-5-21-") && b.startsWith("S-1-5-21-") && rid(a) === rid(b) ? "unknown" : "false";
}
