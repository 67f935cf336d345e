import type { Sid } from "./sid.ts";

/** FWP_ACTRL_MATCH_FILTER: the right an access check of a condition asks for (SDDL "CC"). */
export const MATCH_FILTER_RIGHT = 0x1;

/** The expression of a conditional ACE, [MS-DTYP] 2.5.1.1. */
export type AceExpression =
  | { readonly op: "attribute"; readonly namespace: "local" | "user" | "resource" | "device"; readonly name: string }
  | { readonly op: "literal"; readonly value: string | bigint | Uint8Array | readonly AceLiteral[] }
  | { readonly op: "sids"; readonly sids: readonly Sid[] }
  | {
      readonly op:
        | "member-of"
        | "member-of-any"
        | "device-member-of"
        | "device-member-of-any"
        | "not-member-of"
        | "not-member-of-any"
        | "not-device-member-of"
        | "not-device-member-of-any";
      readonly sids: readonly Sid[];
    }
  | { readonly op: "exists" | "not-exists" | "not"; readonly operand: AceExpression }
  | {
      readonly op: "==" | "!=" | "<" | "<=" | ">" | ">=" | "contains" | "any-of" | "not-contains" | "not-any-of" | "&&" | "||";
      readonly left: AceExpression;
      readonly right: AceExpression;
    };

/** One element of a composite literal, `{1, "two", SID(BA)}`. */
export type AceLiteral = string | bigint | Uint8Array | { readonly sid: Sid };

export interface Ace {
  readonly kind: "allow" | "deny";
  /** Set for conditional (callback) ACEs, SDDL XA and XD. */
  readonly condition?: AceExpression;
  /** SDDL flag letters, e.g. "IO"; inherit-only ACEs take no part in access checks. */
  readonly flags: readonly string[];
  readonly mask: number;
  readonly sid: Sid;
}

/** A self-relative security descriptor. A missing DACL grants everything, an empty one nothing. */
export interface SecurityDescriptor {
  readonly owner?: Sid;
  readonly group?: Sid;
  readonly dacl?: readonly Ace[];
  /** SDDL flags of the DACL: P, AR, AI, NO_ACCESS_CONTROL. They take no part in access checks. */
  readonly daclFlags?: readonly string[];
  /** Text of the SACL after "S:", as it was written; mandatory labels and audit are no part of WFP's access check. */
  readonly sacl?: string;
  /** The SDDL text it was read from, for printing back. */
  readonly sddl: string;
}
