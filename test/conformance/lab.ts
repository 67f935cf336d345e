import { Bfe, type BfeSession, type Callout, type ClassifyOut, type FilterDefinition } from "../../src/engine/index.ts";
import {
  appIdBlob,
  byteBlob,
  type Condition,
  FIELD_KEY,
  type FieldName,
  type FilterAction,
  type FwpValue,
  type Guid,
  type Interpretation,
  LAYER_KEY,
  type LayerName,
  type MatchType,
  parseIpv4,
  SUBLAYER_KEY,
  toAppId,
  type WindowsVersion,
} from "../../src/model/index.ts";

export const CLIENT_APP = "C:\\Lab\\client.exe";
export const SERVER_APP = "C:\\Lab\\server.exe";

/** The layer abbreviations of the conformance specification, without the family. */
const LAYERS: Readonly<Record<string, string>> = {
  BR: "ALE_BIND_REDIRECT",
  RA: "ALE_RESOURCE_ASSIGNMENT",
  LI: "ALE_AUTH_LISTEN",
  CR: "ALE_CONNECT_REDIRECT",
  AC: "ALE_AUTH_CONNECT",
  RX: "ALE_AUTH_RECV_ACCEPT",
  FE: "ALE_FLOW_ESTABLISHED",
  OT: "OUTBOUND_TRANSPORT",
  IT: "INBOUND_TRANSPORT",
  OI: "OUTBOUND_IPPACKET",
  II: "INBOUND_IPPACKET",
  ST: "STREAM",
  DG: "DATAGRAM_DATA",
  OE: "OUTBOUND_ICMP_ERROR",
  IE: "INBOUND_ICMP_ERROR",
  FW: "IPFORWARD",
  CL: "ALE_ENDPOINT_CLOSURE",
  RL: "ALE_RESOURCE_RELEASE",
};

/** "AC", "ITd" (the discard twin), "AC_V6" → the layer's name without FWPM_LAYER_. */
export function layerNameOf(abbreviation: string): LayerName {
  const match = /^([A-Z]{2})(d?)(_V6)?$/.exec(abbreviation);
  const base = LAYERS[match?.[1] ?? ""];
  if (match === null || base === undefined) throw new RangeError(`no layer ${abbreviation}`);
  const name = `${base}_V${match[3] === undefined ? 4 : 6}${match[2] === "d" ? "_DISCARD" : ""}`;
  if (!(name in LAYER_KEY)) throw new RangeError(`no layer ${name}`);
  return name as LayerName;
}

/** The reverse: how the specification abbreviates a layer; V6 layers only carry the suffix if `family` is asked for. */
export function abbreviationOf(layer: string, family = false): string {
  const match = /^FWPM_LAYER_(.+)_V([46])(_DISCARD)?$/.exec(layer);
  const short = Object.entries(LAYERS).find(([, base]) => base === match?.[1])?.[0] ?? layer;
  return `${short}${match?.[3] === undefined ? "" : "d"}${family && match?.[2] === "6" ? "_V6" : ""}`;
}

export const condition = (field: FieldName, matchType: MatchType, value: FwpValue): Condition => ({
  fieldKey: FIELD_KEY[field],
  matchType,
  value,
});

export const equal = (field: FieldName, value: FwpValue): Condition => condition(field, "FWP_MATCH_EQUAL", value);
export const ip = (text: string): FwpValue => ({ type: "FWP_UINT32", value: parseIpv4(text) ?? Number.NaN });
export const port = (value: number): FwpValue => ({ type: "FWP_UINT16", value });
export const protocol = (value: number): FwpValue => ({ type: "FWP_UINT8", value });
export const number32 = (value: number): FwpValue => ({ type: "FWP_UINT32", value });

export const permit: FilterAction = { type: "FWP_ACTION_PERMIT" };
export const block: FilterAction = { type: "FWP_ACTION_BLOCK" };

/** What a scripted callout leaves in FWPS_CLASSIFY_OUT0. */
export function answering(answer: Partial<ClassifyOut>): Callout {
  return {
    classify(_request, out) {
      Object.assign(out, answer);
    },
  };
}

export interface LabFilter extends Omit<Partial<FilterDefinition>, "layer" | "subLayer" | "weight"> {
  readonly layer: string;
  readonly action: FilterAction;
  /** A 0x9000 (default), Bq 0x8500, U universal, WF 2. */
  readonly subLayer?: "A" | "Bq" | "U" | "WF" | Guid;
  /** A UINT8 tier, an exact UINT64, or EMPTY when absent. */
  readonly weight?: number | bigint;
}

/** A Base Filtering Engine with the sublayers of the specification and short words for its filters. */
export class Lab {
  readonly bfe: Bfe;
  readonly session: BfeSession;
  readonly #subLayers: Record<string, Guid>;
  #callouts = 0;

  constructor(options: { windows?: WindowsVersion; interpretation?: Partial<Interpretation>; now?: () => number } = {}) {
    this.bfe = new Bfe({ windows: "11", ...options });
    this.session = this.bfe.openSession({ name: "conformance" });
    this.#subLayers = {
      A: this.session.addSubLayer({ name: "A", weight: 0x9000 }),
      Bq: this.session.addSubLayer({ name: "Bq", weight: 0x8500 }),
      U: SUBLAYER_KEY.UNIVERSAL,
      WF: SUBLAYER_KEY.MPSSVC_WF,
    };
  }

  filter(definition: LabFilter): bigint {
    const { layer, subLayer = "A", weight, ...rest } = definition;
    return this.session.addFilter({
      name: `${layer} ${definition.action.type}`,
      ...rest,
      layer: LAYER_KEY[layerNameOf(layer)],
      subLayer: this.#subLayers[subLayer] ?? (subLayer as Guid),
      weight:
        weight === undefined
          ? { type: "FWP_EMPTY" }
          : typeof weight === "number"
            ? { type: "FWP_UINT8", value: weight }
            : { type: "FWP_UINT64", value: weight },
    });
  }

  /** Adds a callout at `layer`; registered with `callout`, unregistered without. Returns its key. */
  callout(layer: string, callout?: Callout): Guid {
    const key: Guid = `{ca110000-0000-4000-8000-${(++this.#callouts).toString(16).padStart(12, "0")}}`;
    if (callout !== undefined) this.bfe.registerCallout(key, callout);
    this.session.addCallout({ key, name: `callout ${this.#callouts}`, applicableLayer: LAYER_KEY[layerNameOf(layer)] });
    return key;
  }

  /** A filter that calls a callout answering `answer`; without `answer` the callout stays unregistered. */
  calloutFilter(
    kind: "TERMINATING" | "INSPECTION" | "UNKNOWN",
    answer: Partial<ClassifyOut> | undefined,
    definition: Omit<LabFilter, "action">,
  ): bigint {
    const calloutKey = this.callout(definition.layer, answer === undefined ? undefined : answering(answer));
    return this.filter({ ...definition, action: { type: `FWP_ACTION_CALLOUT_${kind}`, calloutKey } });
  }
}

/** The condition "the program is the client of the lab". */
export const program: Condition = equal("ALE_APP_ID", byteBlob(appIdBlob(toAppId(CLIENT_APP))));
