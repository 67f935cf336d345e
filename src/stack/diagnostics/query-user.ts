import { appIdPath, CONDITION_FLAG, FIELD_KEY, type Filter, type Guid, LAYER_KEY, type Policy, type Sid } from "../../model/index.ts";
import type { Classified } from "./classified.ts";

/** The callouts of LISTEN and RESOURCE_ASSIGNMENT that tell the firewall service of a program (WFP-DIAGNOSTICS-FIREWALL 6.7, 6.8). */
const QUERY_USER = "{c3dbed20-0bb6-4bf3-828d-96732e1e00";

/** Accounts of services: nobody could be asked about them, and real logs have no 5031 of their listens. */
const SERVICES: ReadonlySet<Sid> = new Set(["S-1-5-18", "S-1-5-19", "S-1-5-20"]);

/** Whether the filter tells the firewall service who listens or binds. */
export function asksUser({ action }: Filter): boolean {
  return "calloutKey" in action && action.calloutKey.startsWith(QUERY_USER);
}

/**
 * Whether the firewall service hears of a program that it has no rule for, and so logs 5031: the listen or bind itself is permitted, and
 * what comes in later is dropped by the default of the profile (WFP-DIAGNOSTICS-FIREWALL 6.7; event 5031's page: "if you don't have any
 * firewall rules (Allow or Deny) in Windows Firewall for specific applications").
 */
export function isNewToFirewall({ owner, filters, family, flags }: Classified, policy: Policy): boolean {
  // The firewall's filter excludes loopback by its flag, which the documentation does not list for binds and listens.
  if ((flags & CONDITION_FLAG.IS_LOOPBACK) !== 0) return false;
  if (owner === null || owner.userId === null || SERVICES.has(owner.userId)) return false;
  if (!filters.some(({ filter, truth, consulted }) => consulted && truth === "true" && asksUser(filter))) return false;
  const accept: Guid = family === 4 ? LAYER_KEY.ALE_AUTH_RECV_ACCEPT_V4 : LAYER_KEY.ALE_AUTH_RECV_ACCEPT_V6;
  return !policy.filters.some((filter) => filter.layerKey === accept && names(filter, owner.appId));
}

function names({ conditions }: Filter, appId: string): boolean {
  return conditions.some(
    ({ fieldKey, value }) =>
      fieldKey === FIELD_KEY.ALE_APP_ID &&
      value.type === "FWP_BYTE_BLOB_TYPE" &&
      appIdPath(value.value).toLowerCase() === appId.toLowerCase(),
  );
}
