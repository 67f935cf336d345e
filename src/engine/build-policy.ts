import {
  type CalloutObject,
  calloutName,
  type Diagnostic,
  type Filter,
  type Guid,
  type Layer,
  layersOfFamily,
  type Policy,
  type PolicyImport,
  type SchemaFamily,
  type SubLayer,
  subLayerName,
} from "../model/index.ts";
import { CALLOUT_ROWS } from "../model/tables/callouts.ts";
import { SUBLAYER_ROWS } from "../model/tables/sublayers.ts";
import { filterFaults } from "./filter-faults.ts";
import { guessSchemaFamily } from "./guess-schema-family.ts";
import { placeSubLayers } from "./place-sublayers.ts";

/**
 * The policy that an import amounts to. What the file lacks comes from the tables, what it says is checked against its own layers; every
 * such thing is a diagnostic, nothing is dropped.
 */
export function buildPolicy(input: PolicyImport): Policy {
  const diagnostics: Diagnostic[] = [...input.diagnostics];
  const schemaFamily = input.layers === null ? guessSchemaFamily(input.filters) : familyOf(input.layers);
  const layers = input.layers ?? layersOfFamily(schemaFamily);
  if (input.layers === null) {
    diagnostics.push({
      severity: "info",
      code: "layers-from-tables",
      message: `the file has no layers; their fields are those of schema family ${schemaFamily}, which fits its weights best`,
      count: layers.length,
    });
  }
  const subLayers = completeSubLayers(input, diagnostics);
  const callouts = completeCallouts(input, diagnostics);
  noteUnknownOrigins(input.filters, diagnostics);
  diagnostics.push(...filterFaults(input.filters, layers));
  return {
    source: input.source,
    completeness: input.completeness,
    timeStamp: input.timeStamp,
    schemaFamily,
    layers,
    subLayers,
    providers: input.providers,
    providerContexts: input.providerContexts,
    callouts,
    sessions: input.sessions,
    filters: input.filters,
    endpoints: input.endpoints,
    diagnostics,
  };
}

/** AUTOWEIGHT.md 4: what tells the families apart. */
function familyOf(layers: readonly Layer[]): SchemaFamily {
  if (layers.some((layer) => layer.fields.some((field) => field.name === "ALE_PACKAGE_FAMILY_NAME"))) return "C";
  return layers.some((layer) => layer.name.includes("NETWORK_CONNECTION_POLICY")) ? "B" : "A";
}

/**
 * The listed sublayers; Windows' own where the file has no list; and whatever else filters refer to. Windows' own have the same weights
 * on every machine (SCHEMA 2).
 */
function completeSubLayers(input: PolicyImport, diagnostics: Diagnostic[]): readonly SubLayer[] {
  const listed = input.subLayers ?? [];
  const present = new Set<Guid>(listed.map((subLayer) => subLayer.key));
  const firstUse = new Map<Guid, Filter>();
  for (const filter of input.filters) if (!firstUse.has(filter.subLayerKey)) firstUse.set(filter.subLayerKey, filter);
  const tabled: SubLayer[] = [];
  for (const [name, key, weight, description] of SUBLAYER_ROWS as readonly (readonly [string, Guid, number | null, string, string])[]) {
    if (weight === null || present.has(key) || (input.subLayers !== null && !firstUse.has(key))) continue;
    tabled.push(subLayer(key, name, description, weight, true));
    present.add(key);
  }
  if (tabled.length > 0) {
    diagnostics.push({
      severity: "info",
      code: "sublayers-from-tables",
      message: "sublayers that the file does not list have the weights that Windows gives them on every machine",
      count: tabled.length,
    });
  }
  const known = new Map<Guid, number>([...listed, ...tabled].map(({ key, weight }) => [key, weight]));
  const unlisted = [...firstUse.keys()].filter((key) => !present.has(key));
  const placed = placeSubLayers(unlisted, known, input.filters, input.completeness === "filters");
  const guessed = [...placed].map(([key, { weight, byOrder }]): SubLayer => {
    const name = subLayerName(key);
    const how = byOrder ? "by the order of the filters in the file" : "above Windows Firewall's, as third parties' usually are";
    diagnostics.push({
      severity: "info",
      code: "sublayer-weight-guessed",
      message: `the weight of sublayer ${name} is not known; it is placed ${how}`,
      ...lineOf(firstUse.get(key)),
      count: 1,
    });
    return subLayer(key, name, "", weight, false);
  });
  return [...listed, ...tabled, ...guessed];
}

function subLayer(key: Guid, name: string, description: string, weight: number, weightKnown: boolean): SubLayer {
  return { key, name, description, flags: 0, providerKey: null, providerData: null, weight, weightKnown };
}

/** The listed callouts and those that filters use: whether anybody has registered the latter is not known. */
function completeCallouts(input: PolicyImport, diagnostics: Diagnostic[]): readonly CalloutObject[] {
  const listed = input.callouts ?? [];
  const present = new Set(listed.map((callout) => callout.key));
  const rows = new Map(CALLOUT_ROWS.map((row) => [row[1], row]));
  const users = new Map<Guid, Filter[]>();
  for (const filter of input.filters) {
    if (!("calloutKey" in filter.action) || present.has(filter.action.calloutKey)) continue;
    const known = users.get(filter.action.calloutKey);
    if (known === undefined) users.set(filter.action.calloutKey, [filter]);
    else known.push(filter);
  }
  const added = [...users].map(([key, filters]): CalloutObject => {
    const row = rows.get(key);
    const name = row === undefined || row[6] === "" ? calloutName(key) : row[6];
    diagnostics.push({
      // A full dump lists every callout that exists, so that this one points to damage.
      severity: input.callouts === null ? "info" : "warning",
      code: "callout-not-listed",
      message: `the file does not list the callout ${calloutName(key)} that filters use; whether it is registered is not known`,
      ...lineOf(filters[0]),
      count: filters.length,
    });
    return {
      key,
      name,
      description: "",
      flags: 0,
      providerKey: null,
      providerData: null,
      applicableLayer: filters[0]?.layerKey ?? null,
      calloutId: row?.[2] ?? 0,
      registered: null,
    };
  });
  return [...listed, ...added];
}

function noteUnknownOrigins(filters: readonly Filter[], diagnostics: Diagnostic[]): void {
  const unknown = filters.filter(({ origin, namedFlags }) => origin === null && namedFlags.includes("FWPM_FILTER_FLAG_HAS_FILTER_ORIGIN"));
  if (unknown.length === 0) return;
  diagnostics.push({
    severity: "info",
    code: "origin-not-known",
    message: "filters have an origin, but the file lacks the provider contexts that name it",
    ...lineOf(unknown[0]),
    count: unknown.length,
  });
}

function lineOf(filter: Filter | undefined): { line?: number } {
  return filter?.line === undefined ? {} : { line: filter.line };
}
