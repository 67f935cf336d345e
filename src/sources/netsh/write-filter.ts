import { FIELD_KEY, type Filter, type Guid } from "../../model/index.ts";
import { keyText } from "./key-text.ts";
import { writeBlob } from "./write-blob.ts";
import { writeFlags } from "./write-flags.ts";
import { writeDisplay } from "./write-objects.ts";
import { writeValue } from "./write-value.ts";
import type { XmlWriter } from "./xml-writer.ts";

const ADDRESS_FIELDS: ReadonlySet<Guid> = new Set(
  Object.entries(FIELD_KEY)
    .filter(([name]) => name.endsWith("ADDRESS"))
    .map(([, key]) => key),
);

const HAS_ORIGIN = "FWPM_FILTER_FLAG_HAS_FILTER_ORIGIN";

/** A filter's members in netsh's order (SCHEMA 3). `originOf` gives the text that a provider context holds. */
export function writeFilter(xml: XmlWriter, filter: Filter, originOf: (contextKey: Guid) => string | undefined): void {
  const { action, providerContextKey } = filter;
  xml.leaf("filterKey", keyText(filter.key, "filter"));
  writeDisplay(xml, filter);
  // The flag is what makes the provider context the origin; Windows sets it itself, so that builders of policies need not.
  const marked = filter.namedFlags.includes(HAS_ORIGIN);
  const unmarked = !marked && filter.origin !== null && providerContextKey !== null && originOf(providerContextKey) === filter.origin;
  writeFlags(xml, "filter", filter.flags, unmarked ? [...filter.namedFlags, HAS_ORIGIN] : filter.namedFlags);
  xml.leaf("providerKey", keyText(filter.providerKey, "provider"));
  writeBlob(xml, "providerData", filter.providerData);
  xml.leaf("layerKey", keyText(filter.layerKey, "layer"));
  xml.leaf("subLayerKey", keyText(filter.subLayerKey, "sublayer"));
  xml.node("weight", () => writeValue(xml, filter.weight));
  xml.list("filterCondition", filter.conditions, (condition) => {
    xml.leaf("fieldKey", keyText(condition.fieldKey, "field"));
    xml.leaf("matchType", condition.matchType);
    xml.node("conditionValue", () => writeValue(xml, condition.value, ADDRESS_FIELDS.has(condition.fieldKey)));
  });
  xml.node("action", () => {
    xml.leaf("type", action.type);
    // netsh prints a callout's key here too (WFP-DIAGNOSTICS-FIREWALL 5.4).
    xml.leaf("filterType", keyText("calloutKey" in action ? action.calloutKey : (action.filterType ?? null), "callout"));
  });
  if (providerContextKey === null) xml.leaf("rawContext", String(filter.rawContext));
  else xml.leaf("providerContextKey", keyText(providerContextKey, "provider context"));
  xml.leaf("reserved");
  xml.leaf("filterId", String(filter.filterId));
  xml.node("effectiveWeight", () => writeValue(xml, { type: "FWP_UINT64", value: filter.effectiveWeight }));
}
