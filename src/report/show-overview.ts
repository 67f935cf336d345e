import type { Diagnostic, SchemaFamily } from "../model/index.ts";
import { shortLayerName } from "./event-text.ts";
import { fidelityText } from "./fidelity-text.ts";
import { labelled } from "./labelled.ts";
import { count, plural } from "./number-text.ts";
import { policyText } from "./policy-text.ts";
import type { PolicyView } from "./policy-view.ts";
import { type Cell, tableLines } from "./table.ts";
import type { TextOptions } from "./text-options.ts";

const families: Readonly<Record<SchemaFamily, string>> = {
  A: "A (Windows 10, Server 2019 and the like)",
  B: "B (Windows 10 and 11 up to 22H2)",
  C: "C (Windows 11 from 22H2 updates on)",
  D: "D (a build whose new fields have no public names)",
};

/** What a policy holds, at a glance. */
export function overviewText(view: PolicyView, options: TextOptions): string {
  const { policy, fidelity } = view;
  const { style, width } = options;
  const label = (name: string, text: string) => labelled(name, text, style, width);
  const objects = [
    plural(policy.layers.length, "layer"),
    plural(policy.subLayers.length, "sublayer"),
    plural(policy.providers.length, "provider"),
    plural(policy.callouts.length, "callout"),
    plural(policy.providerContexts.length, "provider context"),
    plural(policy.sessions.length, "session"),
    ...(policy.endpoints.length === 0 ? [] : [plural(policy.endpoints.length, "live endpoint")]),
  ];
  return `${[
    ...label("Policy", policyText(policy)),
    ...label("Fields", `schema family ${families[policy.schemaFamily]}`),
    ...label("Objects", objects.join(", ")),
    ...label("Fidelity", fidelityText(fidelity)),
    ...policy.diagnostics.flatMap((diagnostic, index) => label(index === 0 ? "Remarks" : "", diagnosticText(diagnostic))),
    "",
    ...layerTable(view, options),
  ].join("\n")}\n`;
}

/** A remark on the input, with its first line and how often. */
export function diagnosticText({ severity, message, line, count: times }: Diagnostic): string {
  const place = line === undefined ? "" : `line ${line}: `;
  const often = times > 1 ? ` (${count(times)} times)` : "";
  return `${severity === "info" ? "" : `${severity}: `}${place}${message}${often}`;
}

function layerTable(view: PolicyView, { style }: TextOptions): string[] {
  const rows = view.policy.layers.flatMap((layer): Cell[][] => {
    const filters = view.filtersAt(layer);
    if (filters.length === 0) return [];
    const actions = (type: string) => filters.filter((filter) => filter.action.type.startsWith(type)).length;
    const subLayers = new Set(filters.map((filter) => view.subLayerOf(filter)));
    const numbers = [filters.length, actions("FWP_ACTION_PERMIT"), actions("FWP_ACTION_BLOCK"), actions("FWP_ACTION_CALLOUT")];
    return [
      [
        String(layer.id),
        shortLayerName(layer.name),
        ...numbers.map(count),
        [...subLayers].map((key) => view.names.subLayer(key)).join(", "),
      ],
    ];
  });
  const head = ["id", "layer", "filters", "permit", "block", "callout", "sublayers"].map((text): Cell => ({ text, paint: style.dim }));
  return tableLines([head, ...rows], { right: [0, 2, 3, 4, 5], limits: { 6: 44 } });
}
