import type { DiagnosticLog } from "./diagnostics.ts";
import type { Element } from "./element.ts";

const words = (text: string): ReadonlySet<string> => new Set(text.split(" "));

/** Children that each kind of unit is known to have, seen or documented (SCHEMA 2–3). */
const KNOWN = {
  filter: words(
    "filterKey displayData flags providerKey providerData layerKey subLayerKey weight filterCondition action rawContext providerContextKey reserved filterId effectiveWeight",
  ),
  condition: words("fieldKey matchType conditionValue"),
  layer: words("layerKey displayData flags field defaultSubLayerKey layerId"),
  callout: words("calloutKey displayData flags providerKey providerData applicableLayer calloutId"),
  provider: words("providerKey displayData flags providerData serviceName"),
  sublayer: words("subLayerKey displayData flags providerKey providerData weight"),
  session: words("sessionKey displayData flags txnWaitTimeoutInMSec processId sid username kernelMode"),
  endpoint: words(
    "endpointId ipVersion localV4Address remoteV4Address localV6Address remoteV6Address ipProtocol localPort remotePort localTokenModifiedId mmSaId qmSaId ipsecStatus flags appId",
  ),
} as const;

/** Reports children that nobody has described. */
export function expectChildren(unit: Element, kind: keyof typeof KNOWN, log: DiagnosticLog): void {
  for (const { name, line } of unit.children) {
    if (!KNOWN[kind].has(name)) log.warn("unknown-element", `unknown element <${name}> in a ${kind}`, line);
  }
}

/** Sections of the roots that hold nothing a policy needs; what they contain may look like filters and must not be read. */
export const SKIPPED_SECTIONS = words(
  "subscriptions ipsecSaContexts ikeextStatistics ipsecStatistics ikeextSas dynamicKeywordAddresses netEvents",
);
