import { type Condition, FIELD_KEY, type Policy } from "../../model/index.ts";
import { IF_TYPE, typeOfLuid } from "../interface.ts";

/** What a policy must know of an interface to let anything in through it. */
export interface Attachment {
  readonly luid: bigint;
  readonly quarantineEpoch: bigint;
}

/**
 * The network interface of the machine a policy comes from, as its un-quarantine filters tell (WFP-DIAGNOSTICS-FIREWALL 6.6): one with
 * another LUID or epoch would be in quarantine for that policy. Ethernet before others; the one with LUID `wanted`, if given; undefined
 * if the policy knows none.
 */
export function attachmentOf(policy: Policy, wanted?: bigint): Attachment | undefined {
  const found: Attachment[] = [];
  for (const { action, conditions } of policy.filters) {
    if (action.type !== "FWP_ACTION_PERMIT") continue;
    const quarantineEpoch = equalTo(conditions, FIELD_KEY.INTERFACE_QUARANTINE_EPOCH);
    const luid = equalTo(conditions, FIELD_KEY.IP_ARRIVAL_INTERFACE);
    if (quarantineEpoch !== undefined && luid !== undefined && typeOfLuid(luid) !== IF_TYPE.loopback) found.push({ luid, quarantineEpoch });
  }
  if (wanted !== undefined) return found.find(({ luid }) => luid === wanted);
  return found.find(({ luid }) => typeOfLuid(luid) === IF_TYPE.ethernet) ?? found[0];
}

function equalTo(conditions: readonly Condition[], fieldKey: string): bigint | undefined {
  const condition = conditions.find((candidate) => candidate.fieldKey === fieldKey && candidate.matchType === "FWP_MATCH_EQUAL");
  return condition?.value.type === "FWP_UINT64" ? condition.value.value : undefined;
}
