import { appIdPath, type CalloutObject, type Filter, type Guid, type Policy } from "../../model/index.ts";
import { writeFilter } from "./write-filter.ts";
import {
  writeCallout,
  writeEndpoint,
  writeLayer,
  writeProvider,
  writeProviderContext,
  writeSession,
  writeSubLayer,
} from "./write-objects.ts";
import { XmlWriter } from "./xml-writer.ts";

/**
 * A policy as netsh writes it (WFP-DIAGNOSTICS-FIREWALL 5.4): `<wfpstate>`, or `<wfpdiag>` for one that came from `show filters`. Reading
 * the result gives an equal policy, but for source, line numbers and diagnostics, for the order of filters (`<wfpstate>` groups them by
 * layer), and for origins that no provider context holds. What was only supposed (callouts that nobody listed, guessed sublayer weights)
 * is not written, so that it stays a supposition.
 */
export function writeNetsh(policy: Policy): string {
  const xml = new XmlWriter();
  xml.raw('<?xml version="1.0" encoding="UTF-8" standalone="yes"?>');
  if (policy.completeness === "filters") xml.node("wfpdiag", () => writeDiag(xml, policy));
  else xml.node("wfpstate", () => writeState(xml, policy));
  return xml.toString();
}

/** `netsh wfp show filters` counts neither list. Sections that it does not have are written only if the policy got them nevertheless. */
function writeDiag(xml: XmlWriter, policy: Policy): void {
  const originOf = originsOf(policy);
  if (policy.timeStamp !== null) xml.leaf("timeStamp", policy.timeStamp);
  xml.list("filters", policy.filters, (filter) => writeFilter(xml, filter, originOf), false);
  xml.list("providers", policy.providers, (provider) => writeProvider(xml, provider), false);
  if (policy.sessions.length > 0) xml.list("sessions", policy.sessions, (session) => writeSession(xml, session));
  if (policy.providerContexts.length > 0) {
    xml.list("providerContexts", policy.providerContexts, (context) => writeProviderContext(xml, context));
  }
  if (policy.endpoints.length > 0) xml.list("aleConnectedEndpoints", policy.endpoints, (endpoint) => writeEndpoint(xml, endpoint));
}

function writeState(xml: XmlWriter, policy: Policy): void {
  if (policy.timeStamp !== null) xml.leaf("timeStamp", policy.timeStamp);
  xml.list("sessions", policy.sessions, (session) => writeSession(xml, session));
  writeLayers(xml, policy);
  xml.list("providers", policy.providers, (provider) => writeProvider(xml, provider));
  xml.list("providerContexts", policy.providerContexts, (context) => writeProviderContext(xml, context));
  const known = policy.subLayers.filter((subLayer) => subLayer.weightKnown);
  xml.list("subLayers", known, (subLayer) => writeSubLayer(xml, subLayer));
  xml.list("aleConnectedEndpoints", policy.endpoints, (endpoint) => writeEndpoint(xml, endpoint));
}

function writeLayers(xml: XmlWriter, policy: Policy): void {
  const originOf = originsOf(policy);
  const filters = groupBy(policy.filters, (filter) => filter.layerKey);
  const listed = policy.callouts.filter((callout) => callout.registered !== null);
  const callouts = groupBy(listed, (callout) => callout.applicableLayer);
  const layers = new Set<Guid>(policy.layers.map((layer) => layer.key));
  const writeContent = (itsCallouts: readonly CalloutObject[], itsFilters: readonly Filter[]) => {
    xml.list("callouts", itsCallouts, (callout) => writeCallout(xml, callout));
    xml.list("filters", itsFilters, (filter) => writeFilter(xml, filter, originOf));
  };
  // What stands at a layer that the policy has not is kept, in an item of its own without a <layer>.
  const strayCallouts = listed.filter(({ applicableLayer }) => applicableLayer === null || !layers.has(applicableLayer));
  const strayFilters = policy.filters.filter((filter) => !layers.has(filter.layerKey));
  const strays = strayCallouts.length + strayFilters.length === 0 ? [] : [null];
  xml.list("layers", [...policy.layers, ...strays], (layer) => {
    if (layer === null) {
      writeContent(strayCallouts, strayFilters);
      return;
    }
    xml.node("layer", () => writeLayer(xml, layer));
    writeContent(callouts.get(layer.key) ?? [], filters.get(layer.key) ?? []);
  });
}

function originsOf({ providerContexts }: Policy): (contextKey: Guid) => string | undefined {
  const texts = new Map<Guid, string>();
  for (const { key, body } of providerContexts) if (body.kind === "data") texts.set(key, appIdPath(body.data));
  return (contextKey) => texts.get(contextKey);
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
