/** A GUID as netsh prints it: lower case, in braces. */
export type Guid = `{${string}}`;

export const ZERO_GUID: Guid = "{00000000-0000-0000-0000-000000000000}";

const pattern = /^\{?([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\}?$/i;

/** The GUID written in `text`, with or without braces and in either case; undefined if it is none. */
export function parseGuid(text: string): Guid | undefined {
  const match = pattern.exec(text);
  return match?.[1] === undefined ? undefined : `{${match[1].toLowerCase()}}`;
}
