import { appIdPath, FIELD_KEY, FILTER_FLAG, type Filter, fieldName, type Guid, layerName } from "../../model/index.ts";
import { isWindowsProvider } from "../findings/filter-makers.ts";
import type { Finding, LintCheck, LintContext } from "./check.ts";
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
    .filter(({ key, providerKey }) => !used.has(key) && providerKey !== null && !isWindowsProvider(providerKey))
    .map(({ name, key }) => ({ message: `callout "${name}" (${key}): no filter calls it`, filter: null }));
}

/** Filters that let everything through while their driver does not run. */
function opened({ policy, filters }: LintContext): readonly Finding[] {
  if (policy.completeness === "filters") return [];
  const known = new Map(policy.callouts.map((callout) => [callout.key, callout]));
  return filters.flatMap((filter): Finding[] => {
    const key = calloutOf(filter);
    const name = key === null ? undefined : known.get(key)?.name;
    const isTerminating = filter.action.type === "FWP_ACTION_CALLOUT_TERMINATING" || filter.action.type === "FWP_ACTION_CALLOUT_UNKNOWN";
    if (!isTerminating || name === undefined || (filter.flags & FILTER_FLAG.PERMIT_IF_CALLOUT_UNREGISTERED) === 0) return [];
    return [
      {
        message: `PERMIT_IF_CALLOUT_UNREGISTERED: it permits what it matches while the driver of its callout "${name}" does not run`,
        filter,
      },
    ];
  });
}

/** Providers of other software that nothing in the policy belongs to. */
function idleProviders({ policy }: LintContext): readonly Finding[] {
  if (policy.completeness === "filters") return [];
  const used = new Set(
    [...policy.filters, ...policy.callouts, ...policy.subLayers, ...policy.providerContexts].map(({ providerKey }) => providerKey),
  );
  return policy.providers
    .filter(({ key }) => !used.has(key) && !isWindowsProvider(key))
    .map(({ name, key }) => ({ message: `provider "${name}" (${key}): no filter, callout, sublayer or context is of it`, filter: null }));
}

/** Providers that filters name and nobody has added: their software was removed without its filters. */
function providers({ policy, filters }: LintContext): readonly Finding[] {
  if (policy.completeness === "filters") return [];
  const known = new Set(policy.providers.map(({ key }) => key));
  const missing = new Map<Guid, Filter[]>();
  for (const filter of filters) {
    const { providerKey } = filter;
    if (providerKey === null || known.has(providerKey) || isWindowsProvider(providerKey)) continue;
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
    if (key === null || filter.providerKey === null || isWindowsProvider(filter.providerKey)) continue;
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

/** Programs of security products: a filter that blocks their connections keeps their alerts from arriving. */
const AGENTS: ReadonlySet<string> = new Set(
  // One product a line, as their makers document the processes.
  [
    "mssense sensecncproxy sensendr senseir sensetvm msmpeng nissrv mpdefendercoreservice",
    "csfalconservice csfalconcontainer",
    "sentinelagent sentinelagentworker sentinelservicehost",
    "cyserver cytray traps",
    "cb cbdefense repmgr reputils",
    "elastic-agent elastic-endpoint winlogbeat filebeat",
    "osqueryd velociraptor wazuh-agent ossec-agent taniumclient xagt qualysagent splunkd",
    "savservice sophosfilescanner sophosntpservice sophoshealth mcsagent ccsvchst",
    "mfemactl masvc tmccsf coreserviceshell ntrtscan",
    "bdservicehost epsecurityservice ekrn fsaua fshoster32 avp",
  ].flatMap((line) => line.split(" ").map((name) => `${name}.exe`)),
);

function agents({ filters }: LintContext): readonly Finding[] {
  return filters.flatMap((filter): Finding[] => {
    if (
      filter.action.type !== "FWP_ACTION_BLOCK" ||
      !/ALE_AUTH_CONNECT|ALE_RESOURCE_ASSIGNMENT|ALE_CONNECT_REDIRECT/.test(layerName(filter.layerKey))
    )
      return [];
    const agent = programsOf(filter).find((path) => AGENTS.has(path.slice(path.lastIndexOf("\\") + 1).toLowerCase()));
    return agent === undefined
      ? []
      : [{ message: `blocks the connections of ${agent}, a security agent: nobody learns of what it sees`, filter }];
  });
}

function programsOf({ conditions }: Filter): readonly string[] {
  return conditions.flatMap(({ fieldKey, value, matchType }) =>
    fieldKey === FIELD_KEY.ALE_APP_ID && value.type === "FWP_BYTE_BLOB_TYPE" && matchType === "FWP_MATCH_EQUAL"
      ? [appIdPath(value.value)]
      : [],
  );
}

/** Filters at one family's layer that have no like at the other's, address conditions apart. */
function families({ filters }: LintContext): readonly Finding[] {
  const shapes = new Set(filters.map((filter) => shapeOf(filter)));
  return filters.flatMap((filter): Finding[] => {
    const layer = layerName(filter.layerKey);
    const other = layer.includes("_V4") ? layer.replace("_V4", "_V6") : layer.includes("_V6") ? layer.replace("_V6", "_V4") : undefined;
    if (other === undefined || !/ALE_AUTH_(CONNECT|RECV_ACCEPT)_V[46]$/.test(layer) || filter.action.type !== "FWP_ACTION_BLOCK") return [];
    if (isOfFamily(filter) || shapes.has(shapeOf(filter, other))) return [];
    return [
      { message: `blocks at ${short(layer)} and has no like at ${short(other)}: nothing of the kind stops the other IP version`, filter },
    ];
  });
}

/** ICMP and IPv6-ICMP, and IPv6 in IPv4: protocols of one family. */
const FAMILY_PROTOCOLS: ReadonlySet<number> = new Set([1, 41, 58]);

/** Conditions that the other family's filters have to put otherwise: addresses, and what only one family has, as Teredo's tunnels IPv6. */
function isOfFamily({ conditions }: Filter): boolean {
  return conditions.some(
    ({ fieldKey, value }) =>
      /ADDR_MASK|BYTE_ARRAY16/.test(value.type) ||
      (value.type === "FWP_RANGE_TYPE" && /UINT32|BYTE_ARRAY16/.test(value.low.type)) ||
      /_ADDRESS$|TUNNEL_TYPE$/.test(fieldName(fieldKey)) ||
      (fieldKey === FIELD_KEY.IP_PROTOCOL && value.type === "FWP_UINT8" && FAMILY_PROTOCOLS.has(value.value)),
  );
}

function shapeOf(filter: Filter, layer = layerName(filter.layerKey)): string {
  return JSON.stringify(
    [layer, filter.subLayerKey, filter.action, filter.conditions.map(({ fieldKey, matchType, value }) => [fieldKey, matchType, value])],
    (_, part) => (typeof part === "bigint" ? `${part}n` : part instanceof Uint8Array ? [...part].join(",") : part),
  );
}

export const OBJECT_CHECKS: readonly LintCheck[] = [
  {
    id: "WFP020",
    name: "UnregisteredCallout",
    severity: "error",
    title: "A filter whose callout nobody has registered",
    advice: "Start the driver or remove the filters. Until then they block what they match whatever the driver would say.",
    run: callouts,
  },
  {
    id: "WFP021",
    name: "UnusedCallout",
    severity: "note",
    title: "A callout that no filter calls",
    advice: "Remove the callout if its software is gone.",
    run: unused,
  },
  {
    id: "WFP022",
    name: "UnknownProvider",
    severity: "warning",
    title: "Filters of a provider that does not exist",
    advice: "Find out whose the filters were, and remove them if the software is gone.",
    run: providers,
  },
  {
    id: "WFP023",
    name: "Leftover",
    severity: "warning",
    title: "Filters left by software whose drivers are gone",
    advice: "Reinstall or remove the software; its uninstaller left filters behind that may block or open traffic.",
    run: leftovers,
  },
  {
    id: "WFP024",
    name: "UnusedProvider",
    severity: "note",
    title: "A provider that nothing belongs to",
    advice: "Remove the provider if its software is gone.",
    run: idleProviders,
  },
  {
    id: "WFP025",
    name: "OpenWithoutDriver",
    severity: "note",
    title: "A filter that permits while its driver does not run",
    advice: "Know that the filter opens when its driver stops. Without the flag it blocks instead.",
    run: opened,
  },
  {
    id: "WFP030",
    name: "IsolatedAgent",
    severity: "error",
    title: "A security agent that is cut off from the network",
    advice:
      "Attackers cut agents off by such filters so that alerts do not arrive. Find out who added it and remove it, unless the agent is meant to be offline.",
    run: agents,
  },
  {
    id: "WFP031",
    name: "FamilyAsymmetry",
    severity: "warning",
    title: "A block for one IP version only",
    advice: "Add the same block for the other IP version, or make sure that the host does not use it.",
    run: families,
  },
];
