import {
  type Condition,
  FIELD_KEY,
  type FieldName,
  type FwpValue,
  NULL_SID,
  PROFILE_ID,
  type Profile,
  parseSddl,
  range,
  securityDescriptor,
  serviceSid,
  sidValue,
  uint8,
  uint16,
  uint32,
  uint64,
} from "../../model/index.ts";

export const equal = (field: FieldName, value: FwpValue): Condition => ({
  fieldKey: FIELD_KEY[field],
  matchType: "FWP_MATCH_EQUAL",
  value,
});

export const inRange = (field: FieldName, low: FwpValue, high: FwpValue): Condition => ({
  fieldKey: FIELD_KEY[field],
  matchType: "FWP_MATCH_RANGE",
  value: range(low, high),
});

export const flagsSet = (mask: number, field: FieldName = "FLAGS"): Condition => ({
  fieldKey: FIELD_KEY[field],
  matchType: "FWP_MATCH_FLAGS_ALL_SET",
  value: uint32(mask),
});

export const flagsClear = (mask: number, field: FieldName = "FLAGS"): Condition => ({
  fieldKey: FIELD_KEY[field],
  matchType: "FWP_MATCH_FLAGS_NONE_SET",
  value: uint32(mask),
});

export const protocolIs = (protocol: number): Condition => equal("IP_PROTOCOL", uint8(protocol));

/** A port, or the ICMP type (local) or code (remote), which live in the same fields (WFP-SEMANTICS 2.1). */
export const portIs = (side: "local" | "remote", low: number, high: number = low): Condition => {
  const field = side === "local" ? "IP_LOCAL_PORT" : "IP_REMOTE_PORT";
  return low === high ? equal(field, uint16(low)) : inRange(field, uint16(low), uint16(high));
};

export type ProfileField = "ORIGINAL_PROFILE_ID" | "CURRENT_PROFILE_ID" | "ARRIVAL_INTERFACE_PROFILE_ID" | "NEXTHOP_INTERFACE_PROFILE_ID";

export const profileIs = (field: ProfileField, profile: Profile): Condition => equal(field, uint32(PROFILE_ID[profile]));

export const interfaceTypeIs = (side: "ARRIVAL" | "NEXTHOP", type: number): Condition => equal(`${side}_INTERFACE_TYPE`, uint32(type));

export const tunnelTypeIs = (side: "ARRIVAL" | "NEXTHOP", type: number): Condition => equal(`${side}_TUNNEL_TYPE`, uint32(type));

/** `side` as an interface by LUID. */
export const interfaceIs = (side: "LOCAL" | "ARRIVAL" | "NEXTHOP", luid: bigint): Condition => equal(`IP_${side}_INTERFACE`, uint64(luid));

/** The process is inside some AppContainer: its package is not the null SID (WFP-DIAGNOSTICS-FIREWALL 6.5). */
export const IN_APP_CONTAINER: Condition = {
  fieldKey: FIELD_KEY.ALE_PACKAGE_ID,
  matchType: "FWP_MATCH_NOT_EQUAL",
  value: sidValue(NULL_SID),
};

/** The process is inside no AppContainer. */
export const NO_APP_CONTAINER: Condition = equal("ALE_PACKAGE_ID", sidValue(NULL_SID));

/** Descriptors are parsed once: the same few stand in hundreds of filters. */
const parsed = new Map<string, Condition>();

/** The token passes an access check against the descriptor `sddl` (WFP-SEMANTICS 2.5). */
export function userPasses(sddl: string): Condition {
  const known = parsed.get(sddl);
  if (known !== undefined) return known;
  const condition = equal("ALE_USER_ID", securityDescriptor(parseSddl(sddl)));
  parsed.set(sddl, condition);
  return condition;
}

const services = new Map<string, Condition>();

/** The process is the service's by its short name; "*" stands for any service (S-1-5-80-0, the group of all services). */
export function serviceIs(name: string): Condition {
  const known = services.get(name);
  if (known !== undefined) return known;
  const condition = userPasses(`O:SYG:SYD:(A;;CCRC;;;${name === "*" ? "S-1-5-80-0" : serviceSid(name)})`);
  services.set(name, condition);
  return condition;
}
