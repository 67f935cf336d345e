import { type ImportedKeyword, InputError, parseRuleAddresses } from "../../model/index.ts";

/** What a file says of a dynamic keyword; `autoResolve` and `addresses` as written, empty where the file is silent. */
export interface ToldKeyword {
  readonly id: string;
  readonly name: string;
  readonly addresses: string;
  readonly autoResolve: string;
}

/**
 * A dynamic keyword. One that is resolved while Windows runs has no addresses, whatever the file holds of the moment.
 * @throws InputError for addresses that are none.
 */
export function keywordOf({ id, name, addresses, autoResolve }: ToldKeyword): ImportedKeyword {
  const common = { id: keywordId(id), name };
  if (/^(?:true|1)$/i.test(autoResolve.trim())) return { ...common, addresses: null };
  if (addresses.trim() === "") throw new InputError("expected addresses, or AutoResolve");
  const read = parseRuleAddresses(addresses);
  if (read === undefined || read.some(({ kind }) => kind === "keyword")) throw new InputError(`expected addresses, found "${addresses}"`);
  return { ...common, addresses: read };
}

/** Rules and lists are joined by it, and files vary in case and braces. */
export function keywordId(text: string): string {
  const id = text.trim().toLowerCase();
  return /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id) ? `{${id}}` : id;
}

/** What a rule refers to. */
export function keywordIds(list: string): readonly string[] {
  return list.split(",").map(keywordId);
}
