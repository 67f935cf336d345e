import { type Condition, FIELD_KEY, type Guid, LAYER_KEY, type Policy } from "../../model/index.ts";
import { IF_TYPE, type QuarantineEpoch, typeOfLuid } from "../interface.ts";

/** What a policy must know of an interface to let anything in through it. */
export interface Attachment {
  readonly luid: bigint;
  readonly quarantineEpoch: QuarantineEpoch;
}

/**
 * The network interface of the machine a policy comes from, as its un-quarantine filters tell (WFP-DIAGNOSTICS-FIREWALL 6.6): one with
 * another LUID or epoch would be in quarantine for that policy. Ethernet before others, or the one with LUID `wanted`; undefined if the
 * policy knows none.
 */
export function attachmentOf(policy: Policy, wanted?: bigint): Attachment | undefined {
  const epochs = epochsByFamily(policy);
  const luids = [...epochs[4].keys(), ...epochs[6].keys()].filter((luid) => typeOfLuid(luid) !== IF_TYPE.loopback);
  const luid =
    wanted === undefined
      ? (luids.find((candidate) => typeOfLuid(candidate) === IF_TYPE.ethernet) ?? luids[0])
      : luids.find((candidate) => candidate === wanted);
  if (luid === undefined) return undefined;
  return { luid, quarantineEpoch: { 4: epochs[4].get(luid) ?? 0n, 6: epochs[6].get(luid) ?? 0n } };
}

type Epochs = Readonly<Record<4 | 6, ReadonlyMap<bigint, bigint>>>;

const known = new WeakMap<Policy, Epochs>();

function epochsByFamily(policy: Policy): Epochs {
  const cached = known.get(policy);
  if (cached !== undefined) return cached;
  const epochs = { 4: epochsOf(policy, LAYER_KEY.ALE_AUTH_RECV_ACCEPT_V4), 6: epochsOf(policy, LAYER_KEY.ALE_AUTH_RECV_ACCEPT_V6) };
  known.set(policy, epochs);
  return epochs;
}

/** Epoch by interface LUID, of the filters at one layer that let packets in. */
function epochsOf(policy: Policy, layerKey: Guid): ReadonlyMap<bigint, bigint> {
  const found = new Map<bigint, bigint>();
  for (const { layerKey: at, action, conditions } of policy.filters) {
    if (at !== layerKey || action.type !== "FWP_ACTION_PERMIT") continue;
    const epoch = equalTo(conditions, FIELD_KEY.INTERFACE_QUARANTINE_EPOCH);
    const luid = equalTo(conditions, FIELD_KEY.IP_ARRIVAL_INTERFACE);
    if (epoch !== undefined && luid !== undefined) found.set(luid, epoch);
  }
  return found;
}

function equalTo(conditions: readonly Condition[], fieldKey: string): bigint | undefined {
  const condition = conditions.find((candidate) => candidate.fieldKey === fieldKey && candidate.matchType === "FWP_MATCH_EQUAL");
  return condition?.value.type === "FWP_UINT64" ? condition.value.value : undefined;
}
