import type { Field } from "../../model/index.ts";

/**
 * Names of fields in the order of variables: what says who it is before what it says, small fields before large ones (PERFORMANCE 5: protocol,
 * then addresses, then ports is safe; protocol, ports, addresses is not).
 */
const ORDER: readonly RegExp[] = [
  /^FLAGS$/,
  /PROFILE_ID$/,
  /QUARANTINE/,
  /PACKAGE/,
  /APP_ID/,
  /INTERFACE|TUNNEL|INDEX$/,
  /ADDRESS_TYPE/,
  /PROTOCOL/,
  /ICMP/,
  /LOCAL_ADDRESS|SOURCE_ADDRESS/,
  /REMOTE_ADDRESS|DESTINATION_ADDRESS/,
  /LOCAL_PORT/,
  /REMOTE_PORT/,
  // A token can be in any number of groups: tokens before the rest would make a set for every combination of groups.
  /USER_ID|MACHINE_ID/,
];

/** Where a field's variables come; fields that nobody has thought of come before the addresses. */
export function fieldRank({ name }: Pick<Field, "name">): number {
  const found = ORDER.findIndex((pattern) => pattern.test(name));
  return found < 0 ? 7.5 : found;
}
