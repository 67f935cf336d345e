import { type Ace, NULL_SID, type SecurityDescriptor, type Sid, type Token, type Truth, UNKNOWN } from "../model/index.ts";
import { aceConditionHolds } from "./ace-condition.ts";
import { and3, inAppContainer, isMember, merge3 } from "./token-membership.ts";

const READ_CONTROL = 0x20000;
const WRITE_DAC = 0x40000;
const OWNER_RIGHTS: Sid = "S-1-3-4";
const ANONYMOUS: Sid = "S-1-5-7";
const AUTHENTICATED_USERS: Sid = "S-1-5-11";
/** ACE masks are stored with generic rights mapped; who writes GA anyway leaves open what the mapping is. */
const GENERIC = 0xf0000000;

/**
 * Windows' access check ([MS-DTYP] 2.5.3.2; WFP-SEMANTICS 2.5) of `desired` access: ACEs in order, each denying or granting what is still
 * wanted; a missing DACL grants all, an empty one nothing. An AppContainer token must pass twice: with its user and groups, and with its
 * package, capabilities and ALL APPLICATION PACKAGES. Parts of the token that are UNKNOWN make the answer "unknown" only where some value
 * of theirs would change it. Mandatory labels and privileges take no part.
 */
export function accessCheck(token: Token, sd: SecurityDescriptor, desired: number): Truth {
  if (sd.dacl === undefined || desired === 0) return "true";
  // An unknown user is the anonymous one or another: Everyone holds for one alone, which pairs like (WD)(AN) rely on.
  if (token.user !== UNKNOWN) return check(token, sd, sd.dacl, desired);
  const other = check(token, sd, sd.dacl, desired);
  return mayBeAnonymous(token) ? merge3(check({ ...token, user: ANONYMOUS }, sd, sd.dacl, desired), other) : other;
}

/** An AppContainer runs as the user who started it; Authenticated Users says by itself that there is one. */
function mayBeAnonymous(token: Token): boolean {
  if (token.packageSid !== UNKNOWN && token.packageSid !== null && token.packageSid !== NULL_SID) return false;
  return token.groups === UNKNOWN || !token.groups.includes(AUTHENTICATED_USERS);
}

function check(token: Token, sd: SecurityDescriptor, dacl: readonly Ace[], desired: number): Truth {
  const ownerTruth = implicitOwnerRights(token, sd, dacl);
  const asOwner = (desired & ~(READ_CONTROL | WRITE_DAC)) >>> 0;
  const starts = ownerTruth === "true" ? [asOwner] : ownerTruth === "false" ? [desired] : [desired, asOwner];
  const normal = walk(dacl, starts, (ace) => applies(ace, isMember(token, ace.sid, sd.owner), token, sd));
  const { packageSid } = token;
  if (normal === "false" || packageSid === null || packageSid === NULL_SID) return normal;
  const second = walk(dacl, [desired], (ace) => applies(ace, inAppContainer(token, ace.sid), token, sd));
  // Not knowing whether it is an AppContainer, the second check counts only if there is one.
  return and3(normal, packageSid === UNKNOWN ? merge3("true", second) : second);
}

/** The owner may read and change the DACL, unless an OWNER RIGHTS ACE says what owners may do. */
function implicitOwnerRights(token: Token, sd: SecurityDescriptor, dacl: readonly Ace[]): Truth {
  if (sd.owner === undefined || dacl.some((ace) => ace.sid === OWNER_RIGHTS && !isInheritOnly(ace))) return "false";
  return isMember(token, sd.owner, sd.owner);
}

function isInheritOnly(ace: Ace): boolean {
  return ace.flags.includes("IO");
}

function applies(ace: Ace, member: Truth, token: Token, sd: SecurityDescriptor): Truth {
  if (member === "false" || ace.condition === undefined) return member;
  return and3(member, aceConditionHolds(ace.condition, ace.kind, token, sd));
}

/**
 * One pass over the DACL. `starts` are the rights that may be wanted at the start; every ACE that may or may not apply forks them, so
 * the result covers all ways it can go.
 */
function walk(dacl: readonly Ace[], starts: readonly number[], truthOf: (ace: Ace) => Truth): Truth {
  let granted = starts.includes(0);
  let denied = false;
  let wanted = new Set(starts.filter((mask) => mask !== 0));
  for (const ace of dacl) {
    if (wanted.size === 0 || (granted && denied)) break;
    if (isInheritOnly(ace)) continue;
    const touched = [...wanted].some((mask) => (mask & ace.mask) !== 0) || (ace.mask & GENERIC) !== 0;
    const truth = touched ? truthOf(ace) : "false";
    if (truth === "false") continue;
    const next = new Set<number>();
    for (const mask of wanted) {
      if (truth === "unknown") next.add(mask);
      const hits = (ace.mask & GENERIC) === 0 ? [mask & ace.mask] : [mask & ace.mask, mask];
      for (const hit of hits) {
        if (ace.kind === "deny" && hit !== 0) denied = true;
        else if ((mask & ~hit) >>> 0 === 0) granted = true;
        else next.add((mask & ~hit) >>> 0);
      }
    }
    wanted = next;
  }
  if (wanted.size > 0) denied = true;
  return granted ? (denied ? "unknown" : "true") : "false";
}
