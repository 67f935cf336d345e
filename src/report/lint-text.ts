import { type LintFinding, type LintSeverity, layerName } from "../model/index.ts";
import { shortLayerName } from "./event-text.ts";
import { filterNumber } from "./filter-label.ts";
import { labelled, wrap } from "./labelled.ts";
import { count, plural } from "./number-text.ts";
import type { PolicyNames } from "./policy-names.ts";
import type { Style } from "./style.ts";
import type { TextOptions } from "./text-options.ts";

export interface LintTextOptions extends TextOptions {
  readonly about: readonly (readonly [string, string])[];
  readonly names: PolicyNames;
  /** Findings of less severity that are not shown. */
  readonly hidden: number;
  /** What to do about a finding, by its id. */
  readonly advice: ReadonlyMap<string, string>;
  readonly explain: boolean;
}

/** Findings, the worst first. */
export function lintText(findings: readonly LintFinding[], options: LintTextOptions): string {
  const { style, width, about, hidden } = options;
  const counts = (["error", "warning", "note"] as const)
    .map((severity) => [severity, findings.filter((finding) => finding.severity === severity).length] as const)
    .filter(([, number]) => number > 0)
    .map(([severity, number]) => plural(number, severity));
  const lines = [
    ...about.flatMap(([label, text]) => labelled(label, text, style, width)),
    "",
    ...findings.flatMap((finding) => findingLines(finding, options)),
    ...labelled(
      "Findings",
      `${counts.length === 0 ? "none" : counts.join(", ")}${hidden > 0 ? `; ${count(hidden)} of less severity (--severity note shows all)` : ""}`,
      style,
      width,
    ),
    ...(findings.length > 0
      ? labelled("Help", `docs/lint.md has a section for each id${options.explain ? "" : "; --explain says what to do"}`, style, width)
      : []),
  ];
  return `${lines.join("\n")}\n`;
}

function findingLines(
  { id, severity, message, filter, related }: LintFinding,
  { style, width, explain, names, advice }: LintTextOptions,
): string[] {
  const place =
    filter === null ? "" : `${filterNumber(filter.filterId)} "${filter.name}" ${style.dim(shortLayerName(layerName(filter.layerKey)))}`;
  return [
    `${coloured(severity, style)} ${id}  ${place}`.trimEnd(),
    ...wrap(message, Math.max(40, width - 4)).map((line) => `    ${line}`),
    ...(explain && filter !== null
      ? [`    ${style.dim("provider")} ${filter.providerKey === null ? "-" : names.provider(filter.providerKey)}`]
      : []),
    ...(explain ? wrap(advice.get(id) ?? "", Math.max(40, width - 4)).map((line) => `    ${style.dim(line)}`) : []),
    ...(explain ? related.map((other) => `    ${style.dim("about")} ${filterNumber(other.filterId)} "${other.name}"`) : []),
    "",
  ];
}

function coloured(severity: LintSeverity, style: Style): string {
  const text = severity.padEnd(7);
  return severity === "error" ? style.red(text) : severity === "warning" ? style.yellow(text) : style.dim(text);
}
