import { FIELD_KEY, type FwpValue, type Guid, type Policy, SUBLAYER_KEY } from "../../model/index.ts";

/** An interface that the firewall has let out of quarantine (WFP-DIAGNOSTICS-FIREWALL 6.6). */
export interface ReleasedInterface {
  readonly luid: bigint;
  readonly epoch: bigint;
}

const LUID_FIELDS: ReadonlySet<Guid> = new Set([
  FIELD_KEY.IP_LOCAL_INTERFACE,
  FIELD_KEY.IP_ARRIVAL_INTERFACE,
  FIELD_KEY.IP_NEXTHOP_INTERFACE,
]);

const known = new WeakMap<Policy, readonly ReleasedInterface[]>();

/** The interfaces that permits of the quarantine sublayer name, each with the epoch it was released in, in the policy's order. */
export function releasedInterfaces(policy: Policy): readonly ReleasedInterface[] {
  const cached = known.get(policy);
  if (cached !== undefined) return cached;
  const released = new Map<bigint, ReleasedInterface>();
  for (const { subLayerKey, action, conditions } of policy.filters) {
    if (subLayerKey !== SUBLAYER_KEY.MPSSVC_QUARANTINE || action.type !== "FWP_ACTION_PERMIT") continue;
    const valueOf = (isWanted: (key: Guid) => boolean) =>
      numberOf(conditions.find(({ fieldKey, matchType }) => matchType === "FWP_MATCH_EQUAL" && isWanted(fieldKey))?.value);
    const epoch = valueOf((key) => key === FIELD_KEY.INTERFACE_QUARANTINE_EPOCH);
    const luid = valueOf((key) => LUID_FIELDS.has(key));
    if (epoch !== undefined && luid !== undefined && !released.has(luid)) released.set(luid, { luid, epoch });
  }
  const list = [...released.values()];
  known.set(policy, list);
  return list;
}

function numberOf(value: FwpValue | undefined): bigint | undefined {
  return value?.type === "FWP_UINT64" ? value.value : undefined;
}
