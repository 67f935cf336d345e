import {
  CALLOUT_KEY,
  FIELD_KEY,
  type Filter,
  type Guid,
  type InferredSubLayer,
  PROVIDER_KEY,
  type RecordedFilterChange,
  type RecordedObjectChange,
  SUBLAYER_KEY,
  type SubLayer,
} from "../../model/index.ts";

/** A sublayer that the log shows, and where in the log. */
export interface LoggedSubLayer {
  readonly index: number;
  readonly subLayer: SubLayer;
  readonly processId: number | null;
  readonly seconds: number | null;
  readonly change: RecordedObjectChange["change"];
}

type Found = Pick<InferredSubLayer, "subLayerKey" | "certainty" | "reason">;

/** Network Data Usage (ndu.sys) inspects in the lowest sublayer; its provider is the same on every machine. */
const NDU: Guid = "{8e44982a-f477-11df-85ce-78e7d1810190}";

const EDGE_CALLOUTS: ReadonlySet<Guid> = new Set(
  Object.entries(CALLOUT_KEY).flatMap(([name, key]) => (name.startsWith("EDGE_TRAVERSAL") ? [key] : [])),
);

/**
 * The sublayer of a filter whose event does not name it. Windows' own filters are recognised by what its firewall compiles
 * (WFP-DIAGNOSTICS-FIREWALL 6.1 to 6.6): provider, callout, name and conditions; anybody else's by the sublayers that the same provider or
 * process adds next to it in the log.
 */
export function inferSubLayer(change: RecordedFilterChange, index: number, logged: readonly LoggedSubLayer[]): Found {
  return ofWindows(change.filter, logged) ?? ofNeighbour(change, index, logged) ?? guess(change.filter);
}

function ofWindows({ providerKey, conditions, action, name }: Filter, logged: readonly LoggedSubLayer[]): Found | undefined {
  const inferred = (subLayerKey: Guid, reason: string): Found => ({ subLayerKey, certainty: "inferred", reason });
  switch (providerKey) {
    case PROVIDER_KEY.MPSSVC_WSH:
      return inferred(SUBLAYER_KEY.MPSSVC_WSH, "provider: service hardening");
    case PROVIDER_KEY.MPSSVC_APP_ISOLATION:
      return inferred(SUBLAYER_KEY.MPSSVC_APP_ISOLATION, "provider: AppContainer isolation");
    case NDU:
      return inferred(SUBLAYER_KEY.INSPECTION, "provider: Network Data Usage");
    case PROVIDER_KEY.MPSSVC_WF:
      break;
    default:
      return undefined;
  }
  if (name === "AppContainerLoopback") {
    // Before Windows 11 there is no sublayer of its own for AppContainers (WFP-DIAGNOSTICS-FIREWALL 6.4).
    const isOwn = logged.some(({ subLayer }) => subLayer.key === SUBLAYER_KEY.MPSSVC_APP_ISOLATION);
    const key = isOwn ? SUBLAYER_KEY.MPSSVC_APP_ISOLATION : SUBLAYER_KEY.MPSSVC_WSH;
    return inferred(key, "name: AppContainerLoopback");
  }
  const has = (field: Guid): boolean => conditions.some(({ fieldKey }) => fieldKey === field);
  if (has(FIELD_KEY.INTERFACE_QUARANTINE_EPOCH)) return inferred(SUBLAYER_KEY.MPSSVC_QUARANTINE, "condition: quarantine epoch");
  if (/^(Interface Un-quarantine filter|Quarantine Default)/.test(name))
    return inferred(SUBLAYER_KEY.MPSSVC_QUARANTINE, "name: quarantine");
  if ("calloutKey" in action && EDGE_CALLOUTS.has(action.calloutKey)) {
    return inferred(SUBLAYER_KEY.EDGE_TRAVERSAL, "callout: edge traversal");
  }
  const tunnel =
    (has(FIELD_KEY.ARRIVAL_INTERFACE_TYPE) && has(FIELD_KEY.ARRIVAL_TUNNEL_TYPE)) ||
    (has(FIELD_KEY.NEXTHOP_INTERFACE_TYPE) && has(FIELD_KEY.NEXTHOP_TUNNEL_TYPE));
  if (tunnel && !has(FIELD_KEY.IP_LOCAL_ADDRESS_TYPE)) {
    return inferred(SUBLAYER_KEY.EDGE_TRAVERSAL, "conditions: interface and tunnel type");
  }
  return inferred(SUBLAYER_KEY.MPSSVC_WF, "provider: Windows Firewall");
}

/** Seconds within which the events of one transaction are written. */
const TRANSACTION = 2;

/**
 * The sublayer that the same provider, or else the same process, adds or deletes beside the filter: the events of one transaction list the
 * filters first and then the sublayer. A sublayer that was added before, in a transaction of its own, comes second.
 */
function ofNeighbour(
  { filter, processId, change, time }: RecordedFilterChange,
  index: number,
  logged: readonly LoggedSubLayer[],
): Found | undefined {
  const own = logged.filter(({ subLayer }) => filter.providerKey !== null && subLayer.providerKey === filter.providerKey);
  const candidates = own.length > 0 ? own : logged.filter((entry) => processId !== null && entry.processId === processId);
  const [only] = candidates;
  if (only === undefined) return undefined;
  const how = own.length > 0 ? "provider" : "process";
  if (new Set(candidates.map(({ subLayer }) => subLayer.key)).size === 1) {
    return { subLayerKey: only.subLayer.key, certainty: "inferred", reason: `${how}: its only sublayer` };
  }
  const isNear = ({ seconds }: LoggedSubLayer): boolean =>
    time === null || seconds === null || Math.abs(seconds - time.seconds) <= TRANSACTION;
  const same = candidates.find((entry) => entry.change === change && change !== "present" && entry.index > index && isNear(entry));
  const earlier = candidates.findLast((entry) => entry.change === "add" && entry.index < index);
  const found = same ?? earlier;
  if (found === undefined) return { subLayerKey: only.subLayer.key, certainty: "guessed", reason: `${how}: one of its sublayers` };
  const where = found === same ? "of the same transaction" : "that it added last";
  return { subLayerKey: found.subLayer.key, certainty: "inferred", reason: `${how}: the sublayer ${where}` };
}

function guess({ providerKey }: Filter): Found {
  const reason = providerKey === null ? "no provider; the layers' default sublayer" : "unknown provider; the layers' default sublayer";
  return { subLayerKey: SUBLAYER_KEY.UNIVERSAL, certainty: "guessed", reason };
}
