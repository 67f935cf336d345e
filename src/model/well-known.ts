import type { DataType, FieldType } from "./data-type.ts";
import { type Guid, parseGuid } from "./guid.ts";
import type { Field, Layer } from "./layer.ts";
import { CALLOUT_KEY, CALLOUT_ROWS } from "./tables/callouts.ts";
import { FIELD_ALIASES, FIELD_KEY } from "./tables/conditions.ts";
import { FIELD_ROWS, LAYER_KEY, LAYER_ROWS } from "./tables/layers.ts";
import { PROVIDER_KEY, PROVIDER_ROWS, SUBLAYER_KEY, SUBLAYER_ROWS } from "./tables/sublayers.ts";
import { existsIn, type WindowsVersion } from "./windows-version.ts";

export { CALLOUT_KEY, FIELD_KEY, LAYER_KEY, PROVIDER_KEY, SUBLAYER_KEY };

export type LayerName = keyof typeof LAYER_KEY;
export type FieldName = keyof typeof FIELD_KEY;

/**
 * Field schemas seen on real machines (AUTOWEIGHT.md 4): "B" Windows 10 and early 11, "A" the same without the connection policy
 * layers, "C" newer Windows 11, "D" one machine with fields nobody has named, whose layers were never dumped; it uses C's.
 */
export type SchemaFamily = "A" | "B" | "C" | "D";

const fieldNames = new Map<Guid, string>(Object.entries(FIELD_KEY).map(([name, key]) => [key as Guid, name]));
const layerNames = new Map<Guid, string>(LAYER_ROWS.map((row) => [row[1] as Guid, row[0]]));
const subLayerNames = new Map<Guid, string>(SUBLAYER_ROWS.map((row) => [row[1] as Guid, row[0]]));
const providerNames = new Map<Guid, string>(PROVIDER_ROWS.map((row) => [row[1] as Guid, row[0]]));
const calloutNames = new Map<Guid, string>(CALLOUT_ROWS.filter((row) => row[0] !== "").map((row) => [row[1] as Guid, row[0]]));

const layerKeys = new Map<string, Guid>(LAYER_ROWS.map((row) => [row[0], row[1] as Guid]));

function keyOf(text: string, prefix: string, table: Readonly<Record<string, string>>): Guid | undefined {
  const guid = parseGuid(text);
  if (guid !== undefined) return guid;
  const upper = text.toUpperCase();
  const name = upper.startsWith(prefix) ? upper.slice(prefix.length) : upper;
  return table[name] as Guid | undefined;
}

/** Key of a layer given by GUID or name, with or without FWPM_LAYER_. */
export function layerKeyOf(text: string): Guid | undefined {
  return keyOf(text, "FWPM_LAYER_", LAYER_KEY);
}

/** Key of a field given by GUID, name or alias (ICMP_TYPE), with or without FWPM_CONDITION_. */
export function fieldKeyOf(text: string): Guid | undefined {
  const direct = keyOf(text, "FWPM_CONDITION_", FIELD_KEY);
  if (direct !== undefined) return direct;
  const alias = FIELD_ALIASES[text.toUpperCase().replace(/^FWPM_CONDITION_/, "")];
  return alias === undefined ? undefined : ((FIELD_KEY as Readonly<Record<string, string>>)[alias] as Guid | undefined);
}

/** Key of a sublayer given by GUID or name; TEREDO is the older name of EDGE_TRAVERSAL. */
export function subLayerKeyOf(text: string): Guid | undefined {
  return keyOf(text, "FWPM_SUBLAYER_", { ...SUBLAYER_KEY, TEREDO: SUBLAYER_KEY.EDGE_TRAVERSAL });
}

export function providerKeyOf(text: string): Guid | undefined {
  return keyOf(text, "FWPM_PROVIDER_", PROVIDER_KEY);
}

export function calloutKeyOf(text: string): Guid | undefined {
  return keyOf(text, "FWPM_CALLOUT_", CALLOUT_KEY);
}

/** FWPM_LAYER_… or the GUID itself. */
export function layerName(key: Guid): string {
  return layerNames.get(key) ?? key;
}

/** Field name without FWPM_CONDITION_, or the GUID itself. */
export function fieldName(key: Guid): string {
  return fieldNames.get(key) ?? key;
}

export function subLayerName(key: Guid): string {
  return subLayerNames.get(key) ?? key;
}

export function providerName(key: Guid): string {
  return providerNames.get(key) ?? key;
}

export function calloutName(key: Guid): string {
  return calloutNames.get(key) ?? key;
}

function field(row: number, index: number): Field {
  const [key, name, dataType, fieldType, since] = FIELD_ROWS[row] as (typeof FIELD_ROWS)[number];
  return {
    key: key as Guid,
    name,
    index,
    dataType: dataType as DataType,
    fieldType: fieldType as FieldType,
    since: since as WindowsVersion,
  };
}

function buildLayers(include: (since: WindowsVersion, layer: string) => boolean): readonly Layer[] {
  return LAYER_ROWS.filter((row) => include(row[7] as WindowsVersion, row[0])).map((row) => {
    const [name, key, id, displayName, mode, flags, version, since, discardLayer, discardOf, rows] = row;
    return {
      key: key as Guid,
      name,
      id,
      displayName,
      mode: mode as Layer["mode"],
      flags,
      family: version as Layer["family"],
      since: since as WindowsVersion,
      defaultSubLayer: SUBLAYER_KEY.UNIVERSAL,
      discardLayer: discardLayer === null ? null : (layerKeys.get(discardLayer) ?? null),
      discardOf: discardOf === null ? null : (layerKeys.get(discardOf) ?? null),
      fields: rows
        .filter((index) => include((FIELD_ROWS[index] as (typeof FIELD_ROWS)[number])[4] as WindowsVersion, name))
        .map((fieldRow, index) => field(fieldRow, index)),
    };
  });
}

const byFamily = new Map<string, readonly Layer[]>();

/** The layers with the fields of a schema family. */
export function layersOfFamily(family: SchemaFamily): readonly Layer[] {
  const known = byFamily.get(family);
  if (known !== undefined) return known;
  const layers = buildLayers((since, layer) => {
    if (family === "C" || family === "D" || since !== "11") return true;
    // Families A and B lack the fields of newer builds but have the layers of Server 2022; A lacks the connection policy ones.
    const recent = layer.includes("NETWORK_CONNECTION_POLICY");
    return recent ? family === "B" : !layer.startsWith("FWPM_LAYER_") || layer.includes("RESERVED");
  });
  const corrected = family === "B" ? layers.map(withEarlyAddresses) : layers;
  byFamily.set(family, corrected);
  return corrected;
}

/** The first builds with this layer gave it the fields of its IPv4 twin: a recorded machine and the schema tables agree. */
function withEarlyAddresses(layer: Layer): Layer {
  if (layer.key !== LAYER_KEY.OUTBOUND_NETWORK_CONNECTION_POLICY_V6) return layer;
  return {
    ...layer,
    fields: layer.fields.map((entry) => (entry.fieldType === "IP_ADDRESS" ? { ...entry, dataType: "FWP_UINT32" } : entry)),
  };
}

/** The layers and fields that exist in a version of Windows (WFP-SHIMS 4.13); 11 is schema family C. */
export function layersOfWindows(version: WindowsVersion): readonly Layer[] {
  const known = byFamily.get(`windows ${version}`);
  if (known !== undefined) return known;
  const layers = buildLayers((since) => existsIn(since, version));
  byFamily.set(`windows ${version}`, layers);
  return layers;
}
