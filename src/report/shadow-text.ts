import type { Filter, ShadowFinding, ShadowKind, ShadowResult } from "../model/index.ts";
import { conditionText } from "./condition-text.ts";
import { shortLayerName } from "./event-text.ts";
import { filterNumber } from "./filter-label.ts";
import { labelled } from "./labelled.ts";
import { count, plural } from "./number-text.ts";
import type { PolicyNames } from "./policy-names.ts";
import type { TextOptions } from "./text-options.ts";

export interface ShadowTextOptions extends TextOptions {
  readonly about: readonly (readonly [string, string])[];
  readonly names: PolicyNames;
  readonly explain: boolean;
}

const KINDS: readonly (readonly [ShadowKind, string])[] = [
  ["impossible", "No packet has what they ask for"],
  ["shadowed", "Never decide: others of their sublayer decide before"],
  ["overruled", "Never decide: higher sublayers have decided for good"],
  ["tie", "Ties: which of two filters of one weight decides is a matter of age"],
  ["redundant", "Without them the same would be decided"],
  ["unsettled", "Not settled within the budget"],
];

/** Findings by kind, then by layer. */
export function shadowText(result: ShadowResult, options: ShadowTextOptions): string {
  const { style, width, about, explain } = options;
  const lines = [
    ...about.flatMap(([label, text]) => labelled(label, text, style, width)),
    "",
    ...KINDS.flatMap(([kind, title]) =>
      kindLines(
        result.findings.filter((finding) => finding.kind === kind),
        title,
        options,
      ),
    ),
    ...labelled(
      "Filters",
      `${count(result.filters)} that can have an effect, at ${plural(result.layers, "layer")}; ${plural(result.findings.length, "finding")}`,
      style,
      width,
    ),
    ...(explain ? labelled("Cost", `${count(result.nodes)} nodes at most in one layer`, style, width) : []),
  ];
  return `${lines.join("\n")}\n`;
}

function kindLines(findings: readonly ShadowFinding[], title: string, options: ShadowTextOptions): string[] {
  if (findings.length === 0) return [];
  const { style } = options;
  return [style.bold(`${title} (${findings.length})`), ...findings.flatMap((finding) => findingLines(finding, options)), ""];
}

function findingLines({ kind, filter, layer, subLayerName, by }: ShadowFinding, { style, explain }: ShadowTextOptions): string[] {
  const word = kind === "tie" ? "with" : "by";
  return [
    `  ${name(filter)}  ${style.dim(`${shortLayerName(layer.name)}, ${subLayerName}`)}`,
    ...by.map((other) => `    ${style.dim(word)} ${name(other)}`),
    ...(explain ? filter.conditions.map((condition) => `    ${style.dim("asks")} ${conditionText(condition, layer)}`) : []),
  ];
}

function name({ filterId, name: text, action }: Filter): string {
  const verb = action.type === "FWP_ACTION_PERMIT" ? "permit" : action.type === "FWP_ACTION_BLOCK" ? "block" : "callout";
  return `${filterNumber(filterId)} "${text}" ${verb}`;
}
