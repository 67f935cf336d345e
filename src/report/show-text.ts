import type { Filter, Layer } from "../model/index.ts";
import { CALLOUT_FLAG, layerName, PROVIDER_FLAG, SESSION_FLAG, SUBLAYER_FLAG } from "../model/index.ts";
import { conditionsInline } from "./condition-lines.ts";
import { shortLayerName } from "./event-text.ts";
import { actionText, filterNumber, subLayerWeightText, weightText } from "./filter-label.ts";
import { count, plural } from "./number-text.ts";
import type { PolicyView } from "./policy-view.ts";
import { type Cell, tableLines, truncate } from "./table.ts";
import type { TextOptions } from "./text-options.ts";

/** A header and rows; "none" where there are no rows. */
function listing(
  head: readonly string[],
  rows: readonly (readonly Cell[])[],
  { style }: TextOptions,
  right: readonly number[] = [],
): string {
  if (rows.length === 0) return `${style.dim("none")}\n`;
  const header = head.map((text): Cell => ({ text, paint: style.dim }));
  return `${tableLines([header, ...rows], { right }).join("\n")}\n`;
}

/** Every layer of the policy: run-time id, name, how many filters and fields it has, the layer that sees what it drops. */
export function layersText(view: PolicyView, options: TextOptions): string {
  const filters = view.tally((filter) => filter.layerKey);
  const rows = view.policy.layers.map((layer): Cell[] => {
    const number = filters.get(layer.key) ?? 0;
    const paint = number === 0 ? options.style.dim : (text: string) => text;
    const discard = layer.discardLayer === null ? "" : `discards to ${shortLayerName(layerName(layer.discardLayer))}`;
    const cells = [String(layer.id), shortLayerName(layer.name), count(number), String(layer.fields.length), layer.mode, discard];
    return cells.map((text) => ({ text, paint }));
  });
  return listing(["id", "layer", "filters", "fields", "mode", ""], rows, options, [0, 2, 3]);
}

/** Sublayers in the order of evaluation. */
export function subLayersText(view: PolicyView, options: TextOptions): string {
  const filters = view.tally((filter) => view.subLayerOf(filter));
  const rows = [...view.policy.subLayers]
    .sort((a, b) => b.weight - a.weight)
    .map((subLayer): Cell[] => [
      `${subLayerWeightText(subLayer.weight)}${subLayer.weightKnown ? "" : "?"}`,
      truncate(view.names.subLayer(subLayer.key), 48),
      count(filters.get(subLayer.key) ?? 0),
      (subLayer.flags & SUBLAYER_FLAG.PERSISTENT) === 0 ? "" : "persistent",
      truncate(view.names.shortProvider(subLayer.providerKey), 34),
      ...(options.verbose > 0 ? [subLayer.key] : []),
    ]);
  const unsure = view.policy.subLayers.some((subLayer) => !subLayer.weightKnown);
  const note = unsure ? `${options.style.dim("? not in the source: taken from the tables, or a guess")}\n` : "";
  return (
    listing(["weight", "sublayer", "filters", "lifetime", "provider", ...(options.verbose > 0 ? ["key"] : [])], rows, options, [2]) + note
  );
}

export function providersText(view: PolicyView, options: TextOptions): string {
  const filters = view.tally((filter) => filter.providerKey);
  const rows = view.policy.providers.map((provider): Cell[] => [
    count(filters.get(provider.key) ?? 0),
    truncate(view.names.provider(provider.key), 60),
    provider.serviceName ?? "",
    [
      (provider.flags & PROVIDER_FLAG.PERSISTENT) === 0 ? "" : "persistent",
      (provider.flags & PROVIDER_FLAG.DISABLED) === 0 ? "" : "disabled",
    ]
      .join(" ")
      .trim(),
    provider.key,
  ]);
  const unsigned = filters.get(null) ?? 0;
  const note = unsigned === 0 ? "" : `${options.style.dim(`${plural(unsigned, "filter")} without a provider`)}\n`;
  return listing(["filters", "provider", "service", "flags", "key"], rows, options, [0]) + note;
}

/** Callouts by run-time id: what a filter hands a decision to, and whether anyone is behind it. */
export function calloutsText(view: PolicyView, options: TextOptions): string {
  const filters = view.tally((filter) => ("calloutKey" in filter.action ? filter.action.calloutKey : null));
  const { style } = options;
  const rows = [...view.policy.callouts]
    .sort((a, b) => a.calloutId - b.calloutId)
    .map((callout): Cell[] => {
      const state: Cell =
        callout.registered === false
          ? { text: "not registered", paint: style.yellow }
          : view.isModelled(callout.key)
            ? "modelled"
            : { text: "code not known", paint: style.yellow };
      return [
        callout.calloutId === 0 ? "-" : String(callout.calloutId),
        truncate(view.names.callout(callout.key), 60),
        count(filters.get(callout.key) ?? 0),
        state,
        callout.applicableLayer === null ? "" : shortLayerName(layerName(callout.applicableLayer)),
        (callout.flags & CALLOUT_FLAG.FWPM_CALLOUT_FLAG_PERSISTENT) === 0 ? "" : "persistent",
      ];
    });
  return listing(["id", "callout", "filters", "state", "layer", ""], rows, options, [0, 2]);
}

export function sessionsText(view: PolicyView, options: TextOptions): string {
  const rows = view.policy.sessions.map((session): Cell[] => [
    session.kernelMode ? "kernel" : String(session.processId),
    truncate(session.name === "" ? "(no name)" : session.name, 50),
    session.userName,
    (session.flags & SESSION_FLAG.DYNAMIC) === 0 ? "" : "dynamic: its objects end with it",
    session.key,
  ]);
  return listing(["process", "session", "user", "lifetime", "key"], rows, options, [0]);
}

/** Filters in the order of evaluation, under a heading per layer and sublayer. */
export function filtersText(view: PolicyView, filters: readonly Filter[], options: TextOptions): string {
  if (filters.length === 0) return `${options.style.dim("no filters")}\n`;
  const { style } = options;
  const rows = filters.map((filter): Cell[] => [
    filterNumber(filter.filterId),
    actionCell(filter, options),
    { text: weightText(filter.effectiveWeight), paint: style.dim },
    `"${filter.name}"`,
  ]);
  const table = tableLines(rows, { indent: "    " });
  let heading = "";
  const lines = filters.flatMap((filter, index) => {
    const layer = view.layerOf(filter);
    const subLayer = view.names.subLayerObject(view.subLayerOf(filter));
    const weight = subLayer === undefined ? "" : ` ${subLayerWeightText(subLayer.weight)}`;
    const here = `${layer === undefined ? filter.layerKey : shortLayerName(layer.name)}  ${view.names.subLayer(view.subLayerOf(filter))}${weight}`;
    const head = here === heading ? [] : [...(index === 0 ? [] : [""]), style.bold(here)];
    heading = here;
    return [...head, table[index] ?? "", ...conditionsInShort(filter, layer, options)];
  });
  return `${lines.join("\n")}\n`;
}

function actionCell(filter: Filter, { style }: TextOptions): Cell {
  const paint =
    filter.action.type === "FWP_ACTION_BLOCK" ? style.red : filter.action.type === "FWP_ACTION_PERMIT" ? style.green : style.yellow;
  return { text: actionText(filter), paint };
}

/** A filter's conditions on one line, cut to the width. */
function conditionsInShort(filter: Filter, layer: Layer | undefined, { style, width, verbose }: TextOptions): string[] {
  const text = conditionsInline(filter.conditions, layer);
  return [style.dim(`      ${verbose > 0 ? text : truncate(text, Math.max(40, width - 6))}`)];
}
