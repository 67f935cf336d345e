import {
  CALLOUT_FLAG,
  type CalloutObject,
  existsIn,
  type Guid,
  hasFeature,
  layerKeyOf,
  layersOfWindows,
  type Policy,
  type Provider,
  type SubLayer,
  type WindowsVersion,
} from "../model/index.ts";
import { CALLOUT_ROWS } from "../model/tables/callouts.ts";
import { PROVIDER_ROWS, SUBLAYER_ROWS } from "../model/tables/sublayers.ts";

const named = (name: string, prefix: string) => name.startsWith(prefix);
const builtIn: ReadonlySet<string> = new Set([
  ...SUBLAYER_ROWS.filter((row) => named(row[0], "FWPM_SUBLAYER_")).map((row) => row[1]),
  ...PROVIDER_ROWS.filter((row) => named(row[0], "FWPM_PROVIDER_")).map((row) => row[1]),
  ...CALLOUT_ROWS.filter((row) => row[0] !== "").map((row) => row[1]),
]);

/** Whether the sublayer, provider or callout comes with Windows and so cannot be deleted (FWP_E_BUILTIN_OBJECT). */
export function isBuiltIn(key: Guid): boolean {
  return builtIn.has(key);
}

/** A flag as netsh prints it: a name, or the bits without one as hexadecimal digits. */
function calloutFlag(text: string): number {
  return (CALLOUT_FLAG as Readonly<Record<string, number>>)[text] ?? Number.parseInt(text, 16);
}

/** What BFE holds before anybody has added anything: layers, sublayers, providers and callouts of a version of Windows. */
export function builtInPolicy(windows: WindowsVersion): Policy {
  const layers = layersOfWindows(windows);
  const present = new Set(layers.map((layer) => layer.key));
  return {
    source: `Windows ${windows} without filters`,
    completeness: "built",
    timeStamp: null,
    schemaFamily: hasFeature("packageFamilyName", windows) ? "C" : "B",
    layers,
    subLayers: SUBLAYER_ROWS.filter(
      (row) => row[2] !== null && named(row[0], "FWPM_SUBLAYER_") && existsIn(row[4] as WindowsVersion, windows),
    ).map(([name, key, weight, description]): SubLayer => {
      return {
        key: key as Guid,
        name,
        description,
        flags: 0,
        providerKey: null,
        providerData: null,
        weight: weight ?? 0,
        weightKnown: true,
      };
    }),
    providers: PROVIDER_ROWS.filter((row) => named(row[0], "FWPM_PROVIDER_")).map(([name, key, description]): Provider => {
      return { key: key as Guid, name, description, flags: 0, data: null, serviceName: null };
    }),
    providerContexts: [],
    callouts: CALLOUT_ROWS.flatMap(([name, key, id, layer, registered, flags, displayName, behaviour]): CalloutObject[] => {
      const applicableLayer = layer === null ? null : (layerKeyOf(layer) ?? null);
      if (name === "" || id === null || applicableLayer === null || !present.has(applicableLayer)) return [];
      return [
        {
          key: key as Guid,
          name: displayName === "" ? name : displayName,
          description: behaviour,
          flags: flags.reduce((bits, flag) => bits | calloutFlag(flag), 0),
          providerKey: null,
          providerData: null,
          applicableLayer,
          calloutId: id,
          registered,
        },
      ];
    }),
    sessions: [],
    filters: [],
    endpoints: [],
    diagnostics: [],
  };
}
