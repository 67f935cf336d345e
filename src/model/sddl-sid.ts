import type { SddlCursor } from "./sddl-cursor.ts";
import { parseSid, type Sid } from "./sid.ts";
import { sidAbbreviation, sidOfAbbreviation } from "./sid-names.ts";

/** A SID in string form or as an abbreviation, [MS-DTYP] 2.5.1.1 sid-string. */
export function parseSidString(cursor: SddlCursor): Sid {
  cursor.space();
  const start = cursor.at;
  const literal = cursor.match(/S-1-(0x[0-9a-f]+|\d+)(-\d+)*/iy);
  if (literal !== "") return parseSid(literal);
  const sid = sidOfAbbreviation(cursor.match(/[A-Z]{2}/iy).toUpperCase());
  if (sid === undefined) cursor.fail("expected a SID (S-1-…) or its abbreviation (SY, WD…)", start);
  return sid;
}

/** A SID as SDDL writes it: abbreviated where there is an abbreviation. */
export function formatSidString(sid: Sid): string {
  return sidAbbreviation(sid) ?? sid;
}
