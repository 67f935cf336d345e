import type { Sid } from "./sid.ts";
import type { Unknown } from "./value.ts";

/** Attributes of a token that conditional ACEs refer to, by name ("WIN://SYSAPPID"); user claims as "@User.name". */
export type TokenAttributes = Readonly<Record<string, readonly (string | bigint)[]>>;

/**
 * What an access check needs of a process token (TOKEN_ACCESS_INFORMATION). Parts that the asker left out are UNKNOWN, so an
 * access check may be unknown too.
 */
export interface Token {
  readonly user: Sid | Unknown;
  /** Enabled groups, service SIDs included; Everyone and Authenticated Users need not be listed. */
  readonly groups: readonly Sid[] | Unknown;
  /** AppContainer package SID; null for a token that is not a lowbox. */
  readonly packageSid: Sid | null | Unknown;
  /** Capability SIDs of a lowbox token. */
  readonly capabilities: readonly Sid[] | Unknown;
  readonly attributes: TokenAttributes | Unknown;
}
