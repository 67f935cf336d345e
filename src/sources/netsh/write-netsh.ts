import {
  type AleEndpoint,
  appIdBlob,
  CALLOUT_FLAG,
  type CalloutObject,
  calloutName,
  FIELD_KEY,
  type Filter,
  fieldName,
  formatAddress,
  type Guid,
  type Layer,
  layerName,
  type Policy,
  type Provider,
  type ProviderContext,
  providerName,
  type Session,
  type SubLayer,
  subLayerName,
} from "../../model/index.ts";
import { FLAG_NAMES, type FlagKind } from "./names.ts";
import { writeBlob, writeValue } from "./write-value.ts";
import { XmlWriter } from "./xml-writer.ts";

/**
 * A policy as netsh writes it: `<wfpstate>`, or `<wfpdiag>` for one that came from `show filters`. Reading the result gives an equal
 * policy, line numbers and diagnostics aside.
 */
export function writeNetsh(policy: Policy): string {
  const xml = new XmlWriter();
  xml.raw('<?xml version="1.0" encoding="UTF-8" standalone="yes"?>');
  if (policy.completeness === "filters") {
    xml.node("wfpdiag", () => {
      xml.leaf("timeStamp", policy.timeStamp ?? "");
      xml.list("filters", policy.filters, (filter) => writeFilter(xml, filter), false);
      xml.list("providers", policy.providers, (provider) => writeProvider(xml, provider));
    });
    return xml.toString();
  }
  const calloutsOf = groupBy(policy.callouts, (callout) => callout.applicableLayer);
  const filtersOf = groupBy(policy.filters, (filter) => filter.layerKey);
  xml.node("wfpstate", () => {
    xml.leaf("timeStamp", policy.timeStamp ?? "");
    xml.list("sessions", policy.sessions, (session) => writeSession(xml, session));
    xml.list("layers", policy.layers, (layer) => {
      xml.node("layer", () => writeLayer(xml, layer));
      xml.list("callouts", calloutsOf.get(layer.key) ?? [], (callout) => writeCallout(xml, callout));
      xml.list("filters", filtersOf.get(layer.key) ?? [], (filter) => writeFilter(xml, filter));
    });
    xml.list("providers", policy.providers, (provider) => writeProvider(xml, provider));
    xml.list("providerContexts", policy.providerContexts, (context) => writeContext(xml, context));
    xml.list("subLayers", policy.subLayers, (subLayer) => writeSubLayer(xml, subLayer));
    xml.list("aleConnectedEndpoints", policy.endpoints, (endpoint) => writeEndpoint(xml, endpoint));
  });
  return xml.toString();
}

/** Keys that the reader had to make up for names without a published GUID are printed as the name again. */
const plain = (key: Guid) => /^\{name:(.*)\}$/.exec(key)?.[1] ?? key;
const optional = (key: Guid | null, name: (key: Guid) => string) => (key === null ? "" : plain(name(key) as Guid));

/** Names that only our tables have stay GUIDs, as in netsh. */
const symbolic = (name: string, key: Guid) => (name.startsWith("FWPM_") ? name : plain(key));
const layerText = (key: Guid) => symbolic(layerName(key), key);
const providerText = (key: Guid) => symbolic(providerName(key), key);
const subLayerText = (key: Guid) => symbolic(subLayerName(key), key);
const calloutText = (key: Guid) => symbolic(calloutName(key), key);
const fieldText = (key: Guid) => (fieldName(key) === key ? plain(key) : `FWPM_CONDITION_${fieldName(key)}`);

function writeDisplay(xml: XmlWriter, object: { readonly name: string; readonly description: string }): void {
  xml.node("displayData", () => {
    xml.leaf("name", object.name);
    xml.leaf("description", object.description);
  });
}

function writeFlags(xml: XmlWriter, kind: FlagKind, bits: number, named: readonly string[] = []): void {
  let rest = bits;
  const names: string[] = [];
  for (const [name, bit] of FLAG_NAMES[kind]) {
    if (bit !== 0 && (rest & bit) === bit) {
      names.push(name);
      rest &= ~bit;
    }
  }
  if (rest !== 0) names.push((rest >>> 0).toString(16).toUpperCase().padStart(8, "0"));
  xml.texts("flags", [...names, ...named]);
}

const ADDRESS_FIELDS: ReadonlySet<string> = new Set(
  Object.entries(FIELD_KEY)
    .filter(([name]) => /ADDRESS$/.test(name))
    .map(([, key]) => key),
);

function writeFilter(xml: XmlWriter, filter: Filter): void {
  xml.leaf("filterKey", filter.key);
  writeDisplay(xml, filter);
  writeFlags(xml, "filter", filter.flags, filter.namedFlags);
  xml.leaf("providerKey", optional(filter.providerKey, providerText));
  writeBlob(xml, "providerData", filter.providerData);
  xml.leaf("layerKey", layerText(filter.layerKey));
  xml.leaf("subLayerKey", subLayerText(filter.subLayerKey));
  xml.node("weight", () => writeValue(xml, filter.weight));
  xml.list("filterCondition", filter.conditions, (condition) => {
    xml.leaf("fieldKey", fieldText(condition.fieldKey));
    xml.leaf("matchType", condition.matchType);
    xml.node("conditionValue", () => writeValue(xml, condition.value, ADDRESS_FIELDS.has(condition.fieldKey)));
  });
  xml.node("action", () => {
    xml.leaf("type", filter.action.type);
    const target = "calloutKey" in filter.action ? filter.action.calloutKey : (filter.action.filterType ?? null);
    xml.leaf("filterType", optional(target, calloutText));
  });
  if (filter.providerContextKey === null) xml.leaf("rawContext", String(filter.rawContext));
  else xml.leaf("providerContextKey", plain(filter.providerContextKey));
  xml.leaf("reserved");
  xml.leaf("filterId", String(filter.filterId));
  xml.node("effectiveWeight", () => writeValue(xml, { type: "FWP_UINT64", value: filter.effectiveWeight }));
}

function writeLayer(xml: XmlWriter, layer: Layer): void {
  xml.leaf("layerKey", layerText(layer.key));
  writeDisplay(xml, { name: layer.displayName, description: "" });
  writeFlags(xml, "layer", layer.flags);
  xml.list("field", layer.fields, (field) => {
    xml.leaf("fieldKey", fieldText(field.key));
    xml.leaf("type", `FWPM_FIELD_${field.fieldType}`);
    xml.leaf("dataType", field.dataType);
  });
  xml.leaf("defaultSubLayerKey", subLayerText(layer.defaultSubLayer));
  xml.leaf("layerId", String(layer.id));
}

function writeCallout(xml: XmlWriter, callout: CalloutObject): void {
  const registered = callout.registered === true ? CALLOUT_FLAG.FWPM_CALLOUT_FLAG_REGISTERED : 0;
  xml.leaf("calloutKey", calloutText(callout.key));
  writeDisplay(xml, callout);
  writeFlags(xml, "callout", callout.flags | registered);
  xml.leaf("providerKey", optional(callout.providerKey, providerText));
  writeBlob(xml, "providerData", callout.providerData);
  xml.leaf("applicableLayer", optional(callout.applicableLayer, layerText));
  xml.leaf("calloutId", String(callout.calloutId));
}

function writeProvider(xml: XmlWriter, provider: Provider): void {
  xml.leaf("providerKey", providerText(provider.key));
  writeDisplay(xml, provider);
  writeFlags(xml, "provider", provider.flags);
  writeBlob(xml, "providerData", provider.data);
  xml.leaf("serviceName", provider.serviceName ?? "");
}

function writeSubLayer(xml: XmlWriter, subLayer: SubLayer): void {
  xml.leaf("subLayerKey", subLayerText(subLayer.key));
  writeDisplay(xml, subLayer);
  writeFlags(xml, "sublayer", subLayer.flags);
  xml.leaf("providerKey", optional(subLayer.providerKey, providerText));
  writeBlob(xml, "providerData", subLayer.providerData);
  xml.leaf("weight", String(subLayer.weight));
}

function writeSession(xml: XmlWriter, session: Session): void {
  xml.leaf("sessionKey", session.key);
  writeDisplay(xml, session);
  writeFlags(xml, "session", session.flags);
  xml.leaf("txnWaitTimeoutInMSec", String(session.txnWaitTimeoutInMSec));
  xml.leaf("processId", String(session.processId));
  xml.leaf("sid", session.sid ?? "");
  xml.leaf("username", session.userName);
  xml.leaf("kernelMode", String(session.kernelMode));
}

function writeContext(xml: XmlWriter, context: ProviderContext): void {
  xml.leaf("providerContextKey", plain(context.key));
  writeDisplay(xml, context);
  writeFlags(xml, "provider context", context.flags);
  xml.leaf("providerKey", optional(context.providerKey, providerText));
  writeBlob(xml, "providerData", context.providerData);
  xml.leaf("type", context.type);
  const { body } = context;
  if (body.kind === "data") writeBlob(xml, "dataBuffer", body.data.length === 0 ? null : body.data);
  else if (body.kind === "opaque") {
    if (body.text !== "") xml.raw(body.text);
  } else {
    xml.node("classifyOptions", () => {
      xml.list("options", body.options, (option) => {
        xml.leaf("type", option.type);
        xml.node("value", () => writeValue(xml, { type: "FWP_UINT32", value: Number(option.value) }));
      });
    });
  }
  xml.leaf("providerContextId", String(context.id));
}

function writeEndpoint(xml: XmlWriter, endpoint: AleEndpoint): void {
  xml.leaf("endpointId", String(endpoint.endpointId));
  xml.leaf("ipVersion", `FWP_IP_VERSION_V${endpoint.family}`);
  xml.leaf(`localV${endpoint.family}Address`, formatAddress(endpoint.local));
  xml.leaf(`remoteV${endpoint.family}Address`, formatAddress(endpoint.remote));
  xml.leaf("ipProtocol", String(endpoint.protocol));
  xml.leaf("localPort", String(endpoint.localPort));
  xml.leaf("remotePort", String(endpoint.remotePort));
  writeBlob(xml, "appId", endpoint.appId === null ? null : appIdBlob(endpoint.appId));
}

function groupBy<T, K>(items: readonly T[], keyOf: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return groups;
}
