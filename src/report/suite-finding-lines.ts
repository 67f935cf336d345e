import type { Filter, FlowTrace, SuiteFinding, TraceStep } from "../model/index.ts";
import { filterLabel } from "./filter-label.ts";
import { flowText } from "./flow-line.ts";
import { wrap } from "./labelled.ts";
import { nearMissLines } from "./near-miss-lines.ts";
import { plural } from "./number-text.ts";
import { originText } from "./origin-text.ts";
import type { TextOptions } from "./text-options.ts";
import { dependencyTexts } from "./verdict-text.ts";

/** What shows that a test is not met, and why: the flow, the filters that decided, the rules they came from, what nearly matched. */
export function findingLines({ message, trace, alike, idle = [] }: SuiteFinding, options: TextOptions, indent: string): string[] {
  const { style, width } = options;
  const more = alike === 0 ? "" : ` (and ${plural(alike, "part")} of the flows like it)`;
  const lines = wrap(`${message}${more}`, width - indent.length).map((line, index) => `${indent}${index === 0 ? style.bold(line) : line}`);
  if (trace === null) return lines;
  const opposite = trace.verdict === "block" ? "permit" : "block";
  const rules = idle.map(({ name, why, place }) => `  "${name}" would ${opposite}, but ${why}${place === null ? "" : ` (${place})`}`);
  const told = rules.flatMap((text) =>
    wrap(text, width - indent.length).map((line, index) => `${indent}${index === 0 ? "" : "    "}${line}`),
  );
  return [
    ...lines,
    ...traceLines(trace, options, indent),
    ...(told.length === 0 ? [] : [`${indent}${style.dim("rules not in force")}`, ...told]),
  ];
}

function traceLines(trace: FlowTrace, options: TextOptions, indent: string): string[] {
  const { style, width } = options;
  const entry = (label: string, text: string) =>
    wrap(text, width - indent.length - 9).map((line, index) => `${indent}${style.dim((index === 0 ? label : "").padEnd(9))}${line}`);
  const { decisive } = trace;
  const lines = entry("flow", flowText(trace.flow));
  if (decisive !== null) {
    const by = decidingFilters(decisive, trace.verdict);
    lines.push(...entry("decided", `${decisive.layer.name.replace(/^FWPM_LAYER_/, "")}, ${trace.code}`));
    for (const filter of by) lines.push(...entry(filter === by[0] ? "filter" : "", filterLabel(filter)), ...ruleLines(filter, entry));
  }
  for (const text of dependencyTexts(trace.dependsOn)) lines.push(...entry("depends", `on ${text}`));
  lines.push(...entry("peer", trace.observed.peer));
  // What would have let a blocked flow through; of one that came through the rule above says all.
  if (decisive !== null && (trace.verdict !== "permit" || options.verbose > 0)) lines.push(...nearMissLines(decisive, options, indent));
  return lines;
}

function ruleLines(filter: Filter, entry: (label: string, text: string) => string[]): string[] {
  if (filter.origin === null) return [];
  const text = originText(filter.origin);
  return entry("", text === filter.origin ? `of rule "${filter.name}" (${filter.origin})` : `of a default: ${text}`);
}

/** The winner and those that said the same in other sublayers; a rule's filters before those of defaults. */
export function decidingFilters({ decision, subLayers }: TraceStep, verdict: FlowTrace["verdict"]): readonly Filter[] {
  if (decision === null) return [];
  const agreeing = subLayers.flatMap(({ filter, action }) => (filter !== null && action === verdict ? [filter] : []));
  const all = [...new Set([...(decision.filter === null ? [] : [decision.filter]), ...agreeing])];
  const rank = ({ origin }: Filter) => (origin === null ? 1 : originText(origin) === origin ? 0 : 2);
  return [0, 1, 2].flatMap((wanted) => all.filter((filter) => rank(filter) === wanted));
}
