import {
  type CalloutObject,
  calloutName,
  type Diagnostic,
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
import { freeSubLayerWeight } from "./sublayer-weight.ts";

/** Where a sublayer that nobody has listed is put: above Windows' own at 0..7, as with one created with weight 0 (WFP-SEMANTICS 1.3). */
const UNLISTED_WEIGHT = 0x0fff;

/**
 * The policy that an import amounts to. What the file lacks comes from the tables, what it says is checked against its own layers; every
 * such thing is a diagnostic, nothing is dropped.
 */
export function buildPolicy(input: PolicyImport): Policy {
  const diagnostics: Diagnostic[] = [...input.diagnostics];
  const note = (code: string, message: string, count: number) => {
    if (count > 0) diagnostics.push({ severity: "info", code, message, count });
  };
  const schemaFamily = input.layers === null ? guessSchemaFamily(input.filters) : familyOf(input.layers);
  const layers = input.layers ?? layersOfFamily(schemaFamily);
  if (input.layers === null) {
    note(
      "layers-from-tables",
      `the file has no layers; their fields are those of schema family ${schemaFamily}, which fits its weights best`,
      layers.length,
    );
  }
  const subLayers = completeSubLayers(input, note);
  const callouts = completeCallouts(input, note);
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

type Note = (code: string, message: string, count: number) => void;

function completeSubLayers(input: PolicyImport, note: Note): readonly SubLayer[] {
  const listed = input.subLayers ?? [];
  const known = new Set(listed.map((subLayer) => subLayer.key));
  const missing = unique(input.filters.map((filter) => filter.subLayerKey)).filter((key) => !known.has(key));
  if (missing.length === 0) return listed;
  const weights = new Map(SUBLAYER_ROWS.map((row) => [row[1], row[2]]));
  const taken = new Set([...listed.map((subLayer) => subLayer.weight), ...SUBLAYER_ROWS.flatMap((row) => row[2] ?? [])]);
  let guessed = 0;
  const added = missing.map((key): SubLayer => {
    const fromTable = weights.get(key) ?? null;
    if (fromTable === null) guessed++;
    const weight = fromTable ?? freeSubLayerWeight(UNLISTED_WEIGHT, taken);
    taken.add(weight);
    return {
      key,
      name: subLayerName(key),
      description: "",
      flags: 0,
      providerKey: null,
      providerData: null,
      weight,
      weightKnown: fromTable !== null,
    };
  });
  note(
    "sublayers-from-tables",
    "sublayers that the file does not list; their weights are those of Windows' own tables",
    added.length - guessed,
  );
  note(
    "sublayer-weight-guessed",
    "sublayers of unknown weight; they are placed above Windows Firewall's, as third parties' usually are",
    guessed,
  );
  return [...listed, ...added];
}

function completeCallouts(input: PolicyImport, note: Note): readonly CalloutObject[] {
  const listed = input.callouts ?? [];
  if (input.callouts !== null) return listed;
  const used = unique(input.filters.flatMap(({ action }) => ("calloutKey" in action ? [action.calloutKey] : [])));
  const rows = new Map(CALLOUT_ROWS.map((row) => [row[1], row]));
  const layerOf = new Map<Guid, Guid>();
  for (const { action, layerKey } of input.filters) if ("calloutKey" in action) layerOf.set(action.calloutKey, layerKey);
  note("callouts-not-listed", "callouts that filters use and the file does not list; they are taken to be registered", used.length);
  return used.map((key): CalloutObject => {
    const row = rows.get(key);
    return {
      key,
      name: row === undefined || row[6] === "" ? calloutName(key) : row[6],
      description: "",
      flags: 0,
      providerKey: null,
      providerData: null,
      applicableLayer: layerOf.get(key) ?? null,
      calloutId: row?.[2] ?? 0,
      registered: null,
    };
  });
}

function unique(keys: readonly Guid[]): Guid[] {
  return [...new Set(keys)];
}
