import type { Filter, ShadowFinding, ShadowKind, ShadowResult, ShadowRule } from "../model/index.ts";
import { conditionText } from "./condition-text.ts";
import { shortLayerName } from "./event-text.ts";
import { filterNumber } from "./filter-label.ts";
import { labelled } from "./labelled.ts";
import { count, plural } from "./number-text.ts";
import type { TextOptions } from "./text-options.ts";

export interface ShadowTextOptions extends TextOptions {
  readonly about: readonly (readonly [string, string])[];
  /** Findings that are not listed. */
  readonly left: number;
  readonly explain: boolean;
}

const RULES: readonly (readonly [ShadowRule["kind"], string])[] = [
  ["never-decides", "Rules that never decide"],
  ["redundant", "Rules without which the same would be decided"],
];

const KINDS: readonly (readonly [ShadowKind, string])[] = [
  ["impossible", "Filters that no packet matches: none has what they ask for"],
  ["shadowed", "Filters that never decide: others of their sublayer decide before"],
  ["overruled", "Filters that never decide: higher sublayers have decided for good"],
  ["tie", "Ties: which of two filters of one weight decides is a matter of age"],
  ["redundant", "Filters without which the same would be decided"],
  ["unsettled", "Filters not settled within the budget"],
];

/** Rules, then filters by kind and layer. */
export function shadowText(result: ShadowResult, options: ShadowTextOptions): string {
  const { style, width, about, explain, left } = options;
  const found = [
    ...(result.rules.length > 0 ? [plural(result.rules.length, "rule")] : []),
    ...(result.findings.length > 0 ? [plural(result.findings.length, "filter")] : []),
  ];
  const lines = [
    ...about.flatMap(([label, text]) => labelled(label, text, style, width)),
    "",
    ...RULES.flatMap(([kind, title]) => {
      const own = result.rules.filter((rule) => rule.kind === kind);
      return section(
        title,
        own.length,
        own.flatMap((rule) => ruleLines(rule, options)),
        options,
      );
    }),
    ...KINDS.flatMap(([kind, title]) => {
      const own = result.findings.filter((finding) => finding.kind === kind);
      return section(
        title,
        own.length,
        own.flatMap((finding) => findingLines(finding, options)),
        options,
      );
    }),
    ...labelled(
      "Looked at",
      `${plural(result.filters, "filter")} that can have an effect, at ${plural(result.layers, "layer")}`,
      style,
      width,
    ),
    ...labelled("Found", found.length === 0 ? "nothing" : found.join(", "), style, width),
    ...(left > 0
      ? labelled(
          "Left out",
          `${plural(left, "finding")} about filters of Windows' own, and of rules filter by filter (--all)`,
          style,
          width,
        )
      : []),
    ...(result.incomplete.length > 0
      ? labelled(
          "Unsettled",
          `the budget did not suffice to tell overruled and redundant filters and ties at ${result.incomplete.map(({ name }) => shortLayerName(name)).join(", ")} (--max-nodes)`,
          style,
          width,
        )
      : []),
    ...(explain ? labelled("Cost", `${count(result.nodes)} nodes at most in one layer`, style, width) : []),
  ];
  return `${lines.join("\n")}\n`;
}

function section(title: string, size: number, lines: readonly string[], { style }: ShadowTextOptions): string[] {
  return size === 0 ? [] : [style.bold(`${title} (${size})`), ...lines, ""];
}

function ruleLines({ kind, name, rule, filters, by }: ShadowRule, { style, explain }: ShadowTextOptions): string[] {
  const [first] = filters;
  const word = kind === "redundant" ? "as" : "by";
  return [
    `  "${name}" ${first === undefined ? "" : verb(first)}  ${style.dim(plural(filters.length, "filter"))}${rule === name ? "" : style.dim(`, rule ${rule}`)}`,
    ...by.map((other) => `    ${style.dim(word)} ${filterName(other)}`),
    ...(explain ? filters.map((filter) => `    ${style.dim("filter")} ${filterNumber(filter.filterId)}`) : []),
  ];
}

const WORD: Readonly<Record<ShadowKind, string>> = {
  impossible: "by",
  shadowed: "by",
  overruled: "by",
  tie: "with",
  redundant: "as",
  unsettled: "by",
};

function findingLines({ kind, filter, layer, subLayerName, by }: ShadowFinding, { style, explain }: ShadowTextOptions): string[] {
  return [
    `  ${filterName(filter)}  ${style.dim(`${shortLayerName(layer.name)}, ${subLayerName.replace(/^FWPM_SUBLAYER_/, "")}`)}`,
    ...by.map((other) => `    ${style.dim(WORD[kind])} ${filterName(other)}`),
    ...(explain ? filter.conditions.map((condition) => `    ${style.dim("asks")} ${conditionText(condition, layer)}`) : []),
  ];
}

function filterName(filter: Filter): string {
  return `${filterNumber(filter.filterId)} "${filter.name}" ${verb(filter)}`;
}

function verb({ action }: Filter): string {
  return action.type === "FWP_ACTION_PERMIT" ? "permit" : action.type === "FWP_ACTION_BLOCK" ? "block" : "callout";
}
