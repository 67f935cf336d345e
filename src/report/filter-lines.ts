import { FILTER_FLAG, type Filter, type FilterWeight, type Layer, ZERO_GUID } from "../model/index.ts";
import { shortLayerName } from "./event-text.ts";
import { filterNumber, subLayerWeightText, weightText } from "./filter-label.ts";
import { wrap } from "./labelled.ts";
import { originText } from "./origin-text.ts";
import type { PolicyNames } from "./policy-names.ts";
import { tableLines } from "./table.ts";

export interface FilterLineOptions {
  readonly names: PolicyNames;
  readonly layer: Layer | undefined;
  readonly indent: string;
  readonly width: number;
  /** The conditions as lines, with or without outcomes. */
  readonly conditions: readonly string[];
}

/** Everything there is to say of a filter, one property a line, led by its number and key. */
export function filterLines(filter: Filter, options: FilterLineOptions): string[] {
  const { names, layer, indent, conditions, width } = options;
  const subLayerKey = filter.subLayerKey === ZERO_GUID && layer !== undefined ? layer.defaultSubLayer : filter.subLayerKey;
  const subLayer = names.subLayerObject(subLayerKey);
  const layerLabel = layer === undefined ? filter.layerKey : `${shortLayerName(layer.name)} (layer ${layer.id})`;
  // Conditions are lines already; "description" is the longest label.
  const wrapped = ([label, text]: [string, string]): [string, string][] =>
    wrap(text, width - indent.length - "description  ".length).map((line, index) => [index === 0 ? label : "", line]);
  const properties: [string, string][] = [
    ["name", filter.name],
    ...optional("description", filter.description === filter.name ? "" : filter.description),
    ["provider", names.provider(filter.providerKey)],
    ["layer", layerLabel],
    ["sublayer", `${names.subLayer(subLayerKey)}${subLayer === undefined ? "" : ` (weight ${subLayerWeightText(subLayer.weight)})`}`],
    ["origin", originText(filter.origin)],
    ["weight", `${weightText(filter.effectiveWeight)} (${askedWeight(filter.weight)})`],
    ["action", actionLine(filter, names)],
    ...optional("flags", flagNames(filter).join(", ")),
    ...optional("line", filter.line === undefined ? "" : `${names.policy.source}:${filter.line}`),
  ];
  const rows: [string, string][] = [
    ...properties.flatMap(wrapped),
    ...conditions.map((text, index): [string, string] => [index === 0 ? "conditions" : "", text]),
  ];
  return [`${indent}${filterNumber(filter.filterId)}  ${filter.key}`, ...tableLines(rows, { indent })];
}

function optional(label: string, text: string): [string, string][] {
  return text === "" ? [] : [[label, text]];
}

function askedWeight(weight: FilterWeight): string {
  switch (weight.type) {
    case "FWP_EMPTY":
      return "automatic";
    case "FWP_UINT8":
      return `range ${weight.value} of 15, automatic within it`;
    default:
      return "given by the provider";
  }
}

function actionLine(filter: Filter, names: PolicyNames): string {
  const { action } = filter;
  const hard = (filter.flags & FILTER_FLAG.CLEAR_ACTION_RIGHT) !== 0;
  switch (action.type) {
    case "FWP_ACTION_PERMIT":
      return hard ? "permit, hard: lower sublayers cannot block it but by a callout's veto" : "permit, soft: lower sublayers may block";
    case "FWP_ACTION_BLOCK":
      return "block, hard: lower sublayers cannot permit";
    default: {
      const kind = action.type.replace("FWP_ACTION_CALLOUT_", "").toLowerCase();
      const object = names.calloutObject(action.calloutKey);
      const state = object?.registered === false ? ", not registered" : "";
      const name = names.callout(action.calloutKey);
      // One without a name goes by its key, which need not stand there twice.
      return `callout ${name} (${kind}${state})${name === action.calloutKey ? "" : ` ${action.calloutKey}`}`;
    }
  }
}

/** Names of the flags that are set, without FWPM_FILTER_FLAG_. */
export function flagNames(filter: Pick<Filter, "flags" | "namedFlags">): string[] {
  const named = Object.entries(FILTER_FLAG).filter(([, bit]) => bit !== 0 && (filter.flags & bit) !== 0);
  const rest = named.reduce((left, [, bit]) => (left & ~bit) >>> 0, filter.flags >>> 0);
  return [
    ...named.map(([name]) => name),
    ...filter.namedFlags.map((name) => name.replace(/^FWPM_FILTER_FLAG_/, "")),
    ...(rest === 0 ? [] : [`0x${rest.toString(16)}`]),
  ];
}
