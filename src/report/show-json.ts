import {
  type CalloutObject,
  type Filter,
  type FwpValue,
  fieldName,
  formatValue,
  type Guid,
  type Layer,
  layerName,
  type Provider,
  providerName,
  type Session,
  type SubLayer,
  subLayerName,
} from "../model/index.ts";
import { flagNames } from "./filter-lines.ts";
import { type JsonRecord, jsonRecord } from "./json-record.ts";
import type { PolicyView } from "./policy-view.ts";

/** The name that a key is known by, else the key: JSON names well-known objects as netsh does. */
const named = (key: Guid | null, nameOf: (key: Guid) => string): string | null => (key === null ? null : nameOf(key));

export function layerJson(view: PolicyView, layer: Layer): JsonRecord {
  return jsonRecord("layer", {
    layer: layer.name,
    layerKey: layer.key,
    layerId: layer.id,
    mode: layer.mode,
    discardLayer: named(layer.discardLayer, layerName),
    filters: view.filtersAt(layer).length,
    fields: layer.fields.map(({ name, key, dataType, fieldType }) => ({ name, key, dataType, fieldType })),
  });
}

export function subLayerJson(view: PolicyView, subLayer: SubLayer): JsonRecord {
  return jsonRecord("subLayer", {
    subLayer: subLayerName(subLayer.key),
    subLayerKey: subLayer.key,
    name: subLayer.name,
    weight: subLayer.weight,
    weightKnown: subLayer.weightKnown,
    flags: subLayer.flags,
    provider: named(subLayer.providerKey, providerName),
    filters: view.filters.filter((filter) => view.subLayerOf(filter) === subLayer.key).length,
  });
}

export function filterJson(view: PolicyView, filter: Filter): JsonRecord {
  const layer = view.layerOf(filter);
  return jsonRecord("filter", {
    filterId: String(filter.filterId),
    filterIdHex: `0x${filter.filterId.toString(16)}`,
    filterKey: filter.key,
    filterName: filter.name,
    description: filter.description,
    layer: layerName(filter.layerKey),
    layerId: layer?.id ?? null,
    subLayer: subLayerName(view.subLayerOf(filter)),
    provider: named(filter.providerKey, providerName),
    filterOrigin: filter.origin,
    action: filter.action.type,
    ...("calloutKey" in filter.action
      ? { calloutKey: filter.action.calloutKey, callout: view.names.callout(filter.action.calloutKey) }
      : {}),
    flags: flagNames(filter),
    weight: filter.weight.type === "FWP_EMPTY" ? null : { type: filter.weight.type, value: String(filter.weight.value) },
    effectiveWeight: String(filter.effectiveWeight),
    conditions: filter.conditions.map(({ fieldKey, matchType, value }) => ({
      field: fieldName(fieldKey),
      matchType,
      type: value.type,
      value: conditionValue(value, fieldKey, layer),
    })),
    ...(filter.line === undefined ? {} : { line: filter.line }),
  });
}

function conditionValue(value: FwpValue, fieldKey: Guid, layer: Layer | undefined): string {
  const field = layer?.fields.find((candidate) => candidate.key === fieldKey);
  return formatValue(value, field ?? { name: fieldName(fieldKey) });
}

export function calloutJson(view: PolicyView, callout: CalloutObject): JsonRecord {
  return jsonRecord("callout", {
    callout: view.names.callout(callout.key),
    calloutKey: callout.key,
    calloutId: callout.calloutId,
    layer: named(callout.applicableLayer, layerName),
    flags: callout.flags,
    registered: callout.registered,
    modelled: view.isModelled(callout.key),
    filters: view.filters.filter((filter) => "calloutKey" in filter.action && filter.action.calloutKey === callout.key).length,
  });
}

export function providerJson(view: PolicyView, provider: Provider): JsonRecord {
  return jsonRecord("provider", {
    provider: providerName(provider.key),
    providerKey: provider.key,
    name: provider.name,
    serviceName: provider.serviceName,
    flags: provider.flags,
    filters: view.filters.filter((filter) => filter.providerKey === provider.key).length,
  });
}

export function fwpSessionJson(session: Session): JsonRecord {
  const { key, name, flags, processId, sid, userName, kernelMode, txnWaitTimeoutInMSec } = session;
  return jsonRecord("session", { sessionKey: key, name, flags, processId, sid, userName, kernelMode, txnWaitTimeoutInMSec });
}

/** The last record of `show`: what the policy holds and how much of it is modelled. */
export function showSummaryJson(view: PolicyView): JsonRecord {
  const { policy, fidelity } = view;
  return jsonRecord("summary", {
    policy: policy.source,
    completeness: policy.completeness,
    timeStamp: policy.timeStamp,
    schemaFamily: policy.schemaFamily,
    layers: policy.layers.length,
    sublayers: policy.subLayers.length,
    filters: policy.filters.length,
    callouts: policy.callouts.length,
    providers: policy.providers.length,
    providerContexts: policy.providerContexts.length,
    sessions: policy.sessions.length,
    endpoints: policy.endpoints.length,
    fidelity,
    diagnostics: policy.diagnostics,
  });
}
