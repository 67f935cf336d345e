import type { DiagnosticLog } from "./diagnostics.ts";
import type { Element } from "./element.ts";

const words = (text: string): ReadonlySet<string> => new Set(text.split(" "));

/** Children that each kind of element is known to have, seen or documented (SCHEMA 2–3, fwpmtypes.h). */
const KNOWN = {
  filter: words(
    "filterKey displayData flags providerKey providerData layerKey subLayerKey weight filterCondition action rawContext providerContextKey reserved filterId effectiveWeight",
  ),
  "display data": words("name description"),
  condition: words("fieldKey matchType conditionValue"),
  action: words("type filterType calloutKey bitmapIndex"),
  "byte blob": words("data asString"),
  layer: words("layerKey displayData flags field defaultSubLayerKey layerId"),
  field: words("fieldKey type dataType"),
  callout: words("calloutKey displayData flags providerKey providerData applicableLayer calloutId"),
  provider: words("providerKey displayData flags providerData serviceName"),
  sublayer: words("subLayerKey displayData flags providerKey providerData weight"),
  session: words("sessionKey displayData flags txnWaitTimeoutInMSec processId sid username kernelMode"),
  endpoint: words(
    "endpointId ipVersion localV4Address remoteV4Address localV6Address remoteV6Address ipProtocol localPort remotePort localTokenModifiedId mmSaId qmSaId ipsecStatus flags appId",
  ),
} as const;

/** Reports children that nobody has described. */
export function expectChildren(element: Element, kind: keyof typeof KNOWN, log: DiagnosticLog): void {
  for (const { name, line } of element.children) {
    if (!KNOWN[kind].has(name)) log.warn("unknown-element", `unknown element <${name}> in a ${kind}`, line);
  }
}

/** The `<item>`s of a list; anything else in it is reported. */
export function itemsOf(list: Element | undefined, log: DiagnosticLog): readonly Element[] {
  if (list === undefined) return [];
  if (list.children.every((item) => item.name === "item")) return list.children;
  return list.children.filter((item) => {
    if (item.name !== "item") log.warn("unknown-element", `unknown element <${item.name}> in <${list.name}>, a list of items`, item.line);
    return item.name === "item";
  });
}

/** Sections of the roots that hold nothing a policy needs; what they contain may look like filters and must not be read. */
export const SKIPPED_SECTIONS = words(
  "subscriptions ipsecSaContexts ikeextStatistics ipsecStatistics ikeextSas dynamicKeywordAddresses netEvents",
);

/** Containers outside units, by path below the root. */
export const CONTAINERS = words(
  "sessions layers layers/item layers/item/callouts layers/item/filters filters providers providerContexts subLayers aleConnectedEndpoints",
);
