import { type Filter, type Guid, layerName } from "../../model/index.ts";
import { type Finding, type LintCheck, type LintContext, WINDOWS_OWN } from "./check.ts";
import { short } from "./condition-checks.ts";

function calloutOf({ action }: Filter): Guid | null {
  return "calloutKey" in action ? action.calloutKey : null;
}

/** Filters whose callout nobody has registered: they block, or permit where flagged, whatever their driver meant (WFP-SEMANTICS 1.5). */
function callouts({ policy, filters }: LintContext): readonly Finding[] {
  // Partial dumps do not list callouts.
  if (policy.completeness === "filters") return [];
  const known = new Map(policy.callouts.map((callout) => [callout.key, callout]));
  return filters.flatMap((filter): Finding[] => {
    const key = calloutOf(filter);
    const callout = key === null ? undefined : known.get(key);
    if (key === null || callout?.registered !== false) return [];
    const effect = filter.action.type === "FWP_ACTION_CALLOUT_INSPECTION" ? "does nothing" : "blocks whatever it matches";
    return [{ message: `its callout "${callout.name}" is not registered, as its driver does not run: it ${effect}`, filter }];
  });
}

/** Callouts that no filter calls. */
function unused({ policy }: LintContext): readonly Finding[] {
  const used = new Set(policy.filters.map(calloutOf));
  return policy.callouts
    .filter(({ key, providerKey }) => !used.has(key) && providerKey !== null && !WINDOWS_OWN.has(providerKey))
    .map(({ name, key }) => ({ message: `callout "${name}" (${key}): no filter calls it`, filter: null }));
}

/** Providers that filters name and nobody has added: their software was removed without its filters. */
function providers({ policy, filters }: LintContext): readonly Finding[] {
  if (policy.completeness === "filters") return [];
  const known = new Set(policy.providers.map(({ key }) => key));
  const missing = new Map<Guid, Filter[]>();
  for (const filter of filters) {
    const { providerKey } = filter;
    if (providerKey === null || known.has(providerKey) || WINDOWS_OWN.has(providerKey)) continue;
    missing.set(providerKey, [...(missing.get(providerKey) ?? []), filter]);
  }
  return [...missing].map(([key, own]) => ({
    message: `${own.length} filters of provider ${key}, which does not exist: left by software that was removed?`,
    filter: own[0] ?? null,
    related: own.slice(1, 5),
  }));
}

/** Products whose every callout is gone while their filters stand. */
function leftovers({ policy, filters }: LintContext): readonly Finding[] {
  if (policy.completeness === "filters") return [];
  const registered = new Map(policy.callouts.map((callout) => [callout.key, callout.registered !== false]));
  const byProvider = new Map<Guid, Filter[]>();
  for (const filter of filters) {
    const key = calloutOf(filter);
    if (key === null || filter.providerKey === null || WINDOWS_OWN.has(filter.providerKey)) continue;
    byProvider.set(filter.providerKey, [...(byProvider.get(filter.providerKey) ?? []), filter]);
  }
  return [...byProvider].flatMap(([provider, own]): Finding[] => {
    if (own.some((filter) => registered.get(calloutOf(filter) as Guid) !== false)) return [];
    const name = policy.providers.find(({ key }) => key === provider)?.name ?? provider;
    return [
      {
        message: `none of the callouts of "${name}" is registered, and its ${own.length} filters stand: left by software that was removed?`,
        filter: own[0] ?? null,
      },
    ];
  });
}

/** Programs of security products: a filter that blocks their connections keeps their alerts from arriving (ANCHORS pain 9). */
const AGENTS =
  /\\(mssense|sensecncproxy|sensendr|senseir|msmpeng|mssecess|nissrv|cyserver|csfalconservice|csfalconcontainer|sentinelagent|sentinelone|cb|repmgr|elastic-agent|elastic-endpoint|winlogbeat|filebeat|osqueryd|velociraptor|wazuh-agent|ossec-agent|taniumclient|xagt|savservice|sophos[a-z]*|ccsvchst|mfemactl|tmccsf|coreserviceshell|bdservicehost|epsecurityservice|ekrn|fsaua|qualysagent|splunkd)\\.exe$/i;

function agents({ filters }: LintContext): readonly Finding[] {
  return filters.flatMap((filter): Finding[] => {
    if (filter.action.type !== "FWP_ACTION_BLOCK" || !/ALE_AUTH_CONNECT|ALE_RESOURCE_ASSIGNMENT/.test(layerName(filter.layerKey)))
      return [];
    const agent = programsOf(filter).find((path) => AGENTS.test(path));
    return agent === undefined
      ? []
      : [{ message: `blocks the connections of ${agent}, a security agent: what it sees nobody learns of`, filter }];
  });
}

function programsOf({ conditions }: Filter): readonly string[] {
  return conditions.flatMap(({ value, matchType }) => {
    if (value.type !== "FWP_BYTE_BLOB_TYPE" || matchType !== "FWP_MATCH_EQUAL") return [];
    const text = new TextDecoder("utf-16le").decode(value.value).replace(/\0+$/, "");
    return [text];
  });
}

/** Filters at one family's layer that have no like at the other's, address conditions apart. */
function families({ filters }: LintContext): readonly Finding[] {
  const shapes = new Set(filters.map((filter) => shapeOf(filter)));
  return filters.flatMap((filter): Finding[] => {
    const layer = layerName(filter.layerKey);
    const other = layer.includes("_V4") ? layer.replace("_V4", "_V6") : layer.includes("_V6") ? layer.replace("_V6", "_V4") : undefined;
    if (other === undefined || !/ALE_AUTH_(CONNECT|RECV_ACCEPT)_V[46]$/.test(layer) || filter.action.type !== "FWP_ACTION_BLOCK") return [];
    if (hasAddress(filter) || shapes.has(shapeOf(filter, other))) return [];
    return [{ message: `blocks at ${short(layer)} and has no like at ${short(other)}: the other IP version is open`, filter }];
  });
}

function hasAddress({ conditions }: Filter): boolean {
  return conditions.some(
    ({ value }) =>
      /ADDR_MASK|BYTE_ARRAY16/.test(value.type) || (value.type === "FWP_RANGE_TYPE" && /UINT32|BYTE_ARRAY16/.test(value.low.type)),
  );
}

function shapeOf(filter: Filter, layer = layerName(filter.layerKey)): string {
  return JSON.stringify(
    [layer, filter.subLayerKey, filter.action, filter.conditions.map(({ fieldKey, matchType, value }) => [fieldKey, matchType, value])],
    (_, part) => (typeof part === "bigint" ? `${part}n` : part instanceof Uint8Array ? [...part].join(",") : part),
  );
}

export const OBJECT_CHECKS: readonly LintCheck[] = [
  { id: "WFP020", name: "UnregisteredCallout", severity: "error", title: "A filter whose callout nobody has registered", run: callouts },
  { id: "WFP021", name: "UnusedCallout", severity: "note", title: "A callout that no filter calls", run: unused },
  { id: "WFP022", name: "UnknownProvider", severity: "warning", title: "Filters of a provider that does not exist", run: providers },
  { id: "WFP023", name: "Leftover", severity: "warning", title: "Filters left by software whose drivers are gone", run: leftovers },
  { id: "WFP030", name: "IsolatedAgent", severity: "error", title: "A security agent that is cut off from the network", run: agents },
  { id: "WFP031", name: "FamilyAsymmetry", severity: "warning", title: "A block for one IP version only", run: families },
];
