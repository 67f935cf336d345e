import { type Guid, parseGuid } from "./guid.ts";

/** Keys of the built-in provider contexts (fwpmu.h), by name without FWPM_PROVIDER_CONTEXT_. */
export const PROVIDER_CONTEXT_KEY = {
  SECURE_SOCKET_AUTHIP: "{b25ea800-0d02-46ed-92bd-7fa84bb73e9d}",
  SECURE_SOCKET_IPSEC: "{8c2d4144-f8e0-42c0-94ce-7ccfc63b2f9b}",
} as const;

const PREFIX = "FWPM_PROVIDER_CONTEXT_";

const names = new Map<Guid, string>(Object.entries(PROVIDER_CONTEXT_KEY).map(([name, key]) => [key, PREFIX + name]));

/** Key of a provider context given by GUID or name, with or without FWPM_PROVIDER_CONTEXT_. */
export function providerContextKeyOf(text: string): Guid | undefined {
  const guid = parseGuid(text);
  if (guid !== undefined) return guid;
  const upper = text.toUpperCase();
  const name = upper.startsWith(PREFIX) ? upper.slice(PREFIX.length) : upper;
  return (PROVIDER_CONTEXT_KEY as Readonly<Record<string, Guid>>)[name];
}

/** FWPM_PROVIDER_CONTEXT_… or the GUID itself. */
export function providerContextName(key: Guid): string {
  return names.get(key) ?? key;
}
