import { InputError } from "./errors.ts";

/** A security identifier in its string form, `S-1-5-18`, upper case and decimal. */
export type Sid = `S-1-${string}`;

const pattern = /^S-1-(\d+|0x[0-9a-f]+)(-\d+)*$/i;

/** @throws InputError if `text` is not a SID in string form. */
export function parseSid(text: string): Sid {
  if (!pattern.test(text)) throw new InputError(`"${text}" is not a SID, expected S-1-…`);
  return text.toUpperCase() as Sid;
}

export function isSid(text: string): text is Sid {
  return pattern.test(text);
}

/** The package SID of a process outside any AppContainer (WFP-SEMANTICS 2.1). */
export const NULL_SID: Sid = "S-1-0-0";
