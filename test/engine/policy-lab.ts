import {
  type CalloutObject,
  type Condition,
  type Filter,
  type Guid,
  LAYER_KEY,
  type Layer,
  type LayerName,
  layersOfFamily,
  type Policy,
  type SubLayer,
} from "../../src/model/index.ts";

/** Small policies for tests, written object by object. */
export function guid(number: number): Guid {
  return `{00000000-0000-0000-0000-${number.toString(16).padStart(12, "0")}}`;
}

export function subLayer(number: number, weight: number): SubLayer {
  return {
    key: guid(number),
    name: `sublayer ${number}`,
    description: "",
    flags: 0,
    providerKey: null,
    providerData: null,
    weight,
    weightKnown: true,
  };
}

/** The sublayers of WFP-CONFORMANCE: A above Bq above U. */
export const A = subLayer(0xa, 0x9000);
export const BQ = subLayer(0xb, 0x8500);
export const U = subLayer(0xc, 0x100);

export const LAYERS = layersOfFamily("C");

export function layerNamed(name: LayerName): Layer {
  const layer = LAYERS.find((candidate) => candidate.key === LAYER_KEY[name]);
  if (layer === undefined) throw new RangeError(`no layer ${name}`);
  return layer;
}

export function calloutObject(key: Guid, registered: boolean | null, flags = 0): CalloutObject {
  return {
    key,
    name: `callout ${key}`,
    description: "",
    flags,
    providerKey: null,
    providerData: null,
    applicableLayer: null,
    calloutId: 1000,
    registered,
  };
}

export interface FilterSketch {
  readonly id: number;
  readonly action: Filter["action"];
  readonly layer?: Layer;
  readonly subLayer?: SubLayer;
  readonly weight?: bigint;
  readonly flags?: number;
  readonly conditions?: readonly Condition[];
}

export const PERMIT: Filter["action"] = { type: "FWP_ACTION_PERMIT" };
export const BLOCK: Filter["action"] = { type: "FWP_ACTION_BLOCK" };
export const terminating = (calloutKey: Guid): Filter["action"] => ({ type: "FWP_ACTION_CALLOUT_TERMINATING", calloutKey });
export const inspection = (calloutKey: Guid): Filter["action"] => ({ type: "FWP_ACTION_CALLOUT_INSPECTION", calloutKey });
export const either = (calloutKey: Guid): Filter["action"] => ({ type: "FWP_ACTION_CALLOUT_UNKNOWN", calloutKey });

export function filter(sketch: FilterSketch): Filter {
  return {
    key: guid(0x1000 + sketch.id),
    name: `filter ${sketch.id}`,
    description: "",
    flags: sketch.flags ?? 0,
    namedFlags: [],
    providerKey: null,
    providerData: null,
    layerKey: (sketch.layer ?? layerNamed("ALE_AUTH_CONNECT_V4")).key,
    subLayerKey: (sketch.subLayer ?? A).key,
    weight: { type: "FWP_UINT64", value: sketch.weight ?? 1n },
    conditions: sketch.conditions ?? [],
    action: sketch.action,
    rawContext: 0n,
    providerContextKey: null,
    filterId: BigInt(sketch.id),
    effectiveWeight: sketch.weight ?? 1n,
    origin: null,
  };
}

export function policy(
  filters: readonly Filter[],
  callouts: readonly CalloutObject[] = [],
  subLayers: readonly SubLayer[] = [A, BQ, U],
  layers: readonly Layer[] = LAYERS,
): Policy {
  return {
    source: "test",
    completeness: "built",
    timeStamp: null,
    schemaFamily: "C",
    layers,
    subLayers,
    providers: [],
    providerContexts: [],
    callouts,
    sessions: [],
    filters,
    endpoints: [],
    diagnostics: [],
  };
}
