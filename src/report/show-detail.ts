import type { Filter, Layer } from "../model/index.ts";
import { layerName } from "../model/index.ts";
import { conditionLines } from "./condition-lines.ts";
import { shortLayerName } from "./event-text.ts";
import { filterLines } from "./filter-lines.ts";
import { labelled } from "./labelled.ts";
import { plural } from "./number-text.ts";
import type { PolicyView } from "./policy-view.ts";
import { filtersText } from "./show-text.ts";
import { tableLines } from "./table.ts";
import type { TextOptions } from "./text-options.ts";

/** One filter with its conditions, and where in its sublayer it stands. */
export function filterText(view: PolicyView, filter: Filter, { style, verbose, width }: TextOptions): string {
  const layer = view.layerOf(filter);
  const conditions = conditionLines(filter.conditions, layer, { style, all: verbose > 0 });
  const peers = view.filters.filter((other) => other.layerKey === filter.layerKey && view.subLayerOf(other) === view.subLayerOf(filter));
  const place = `evaluated as number ${peers.indexOf(filter) + 1} of ${plural(peers.length, "filter")} of its sublayer at this layer`;
  return `${[...filterLines(filter, { names: view.names, layer, indent: "", conditions, width }), place].join("\n")}\n`;
}

/** One layer: its fields in the order of the value array, then its filters in the order of evaluation. */
export function layerText(view: PolicyView, layer: Layer, options: TextOptions): string {
  const { style, width } = options;
  const filters = view.filtersAt(layer);
  const label = (name: string, text: string) => labelled(name, text, style, width);
  const discards = layer.discardLayer === null ? [] : label("Discard", shortLayerName(layerName(layer.discardLayer)));
  const discardOf = layer.discardOf === null ? [] : label("Discard", `sees what ${shortLayerName(layerName(layer.discardOf))} drops`);
  const fields = layer.fields.map((field) => [String(field.index), field.name, field.dataType, field.fieldType]);
  return `${[
    ...label("Layer", `${layer.name} (layer ${layer.id}, ${layer.mode} mode) ${layer.key}`),
    ...discards,
    ...discardOf,
    ...label("Fields", fields.length === 0 ? "none" : ""),
    ...tableLines(fields, { indent: "  ", right: [0] }),
    "",
  ].join("\n")}\n${filtersText(view, filters, options)}`;
}
