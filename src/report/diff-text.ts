import { type DiffAnswer, type DiffResult, type Filter, type FilterChange, layerName } from "../model/index.ts";
import { answerClassLine } from "./answer-class-lines.ts";
import { shortLayerName } from "./event-text.ts";
import { filterNumber } from "./filter-label.ts";
import { flowText } from "./flow-line.ts";
import { labelled } from "./labelled.ts";
import { count, plural } from "./number-text.ts";
import type { TextOptions } from "./text-options.ts";
import { verdictText } from "./verdict-text.ts";

export interface DiffTextOptions extends TextOptions {
  readonly allFilters: boolean;
  readonly explain: boolean;
}

const FIRST_FILTERS = 10;
const CHANGES: Readonly<Record<DiffAnswer["change"], string>> = {
  gained: "gained: blocked before, permitted now",
  lost: "lost: permitted before, blocked now",
  opened: "open now: it depends on a callout whose code is not known",
  settled: "settled now: it depended on a callout whose code is not known",
};

/** Two policies side by side. */
export function diffText(result: DiffResult, options: DiffTextOptions): string {
  const { style, width, explain } = options;
  const lines = [
    ...labelled("Before", result.before, style, width),
    ...labelled("After", result.after, style, width),
    "",
    ...(["gained", "lost", "opened", "settled"] as const).flatMap((change) => changeLines(result, change, options)),
    ...filterLines(result, options),
    ...result.unsettled.flatMap((part) => labelled("Unsettled", part, style, width)),
    ...labelled("Traffic", trafficText(result), style, width),
    ...(explain
      ? labelled("Cost", `${plural(result.cost.cases, "case")}, ${count(result.cost.nodes)} nodes at most in one set`, style, width)
      : []),
  ];
  return `${lines.join("\n")}\n`;
}

function trafficText({ flows, certainty, cost }: DiffResult): string {
  if (flows.length > 0) return `differs in ${plural(flows.length, "part")} of ${plural(cost.cases, "case")}`;
  return certainty === "proved" ? `the same: proved for all flows (${plural(cost.cases, "case")})` : "no difference found";
}

function changeLines({ flows }: DiffResult, change: DiffAnswer["change"], { style }: DiffTextOptions): string[] {
  const own = flows.filter((flow) => flow.change === change);
  if (own.length === 0) return [];
  return [
    style.bold(CHANGES[change]),
    ...own.flatMap(({ heading, classes, more, before, after, decidedBefore, decidedAfter }) => [
      `  ${heading}`,
      ...classes.map((row) => `    ${answerClassLine(row, style)}`),
      ...(more ? [style.dim("    and more classes (--classes N lists more)")] : []),
      `    ${style.dim("for example")} ${flowText(after.flow)}`,
      `      ${style.dim("before")} ${verdictText(before.trace.verdict, style)} by ${filterText(decidedBefore, before.trace.code)}`,
      `      ${style.dim("after")}  ${verdictText(after.trace.verdict, style)} by ${filterText(decidedAfter, after.trace.code)}`,
    ]),
    "",
  ];
}

function filterText(filter: Filter | null, code: string): string {
  return filter === null ? code : `${filterNumber(filter.filterId)} "${filter.name}"`;
}

function filterLines({ filters, sameKey, sameShape }: DiffResult, { style, width, allFilters }: DiffTextOptions): string[] {
  const counts = (["added", "removed", "changed"] as const).map(
    (kind) => `${count(filters.filter((change) => change.kind === kind).length)} ${kind}`,
  );
  const shown = allFilters ? filters : filters.slice(0, FIRST_FILTERS);
  const left = filters.length - shown.length;
  return [
    ...labelled("Filters", `${counts.join(", ")}; ${count(sameKey)} the same by key, ${count(sameShape)} by shape`, style, width),
    ...shown.map((change) => `  ${changeText(change)}`),
    ...(left > 0 ? [style.dim(`  and ${count(left)} more (--filters lists them)`)] : []),
  ];
}

function changeText({ kind, before, after, differences }: FilterChange): string {
  const filter = after ?? before;
  if (filter === null) return kind;
  const layer = shortLayerName(layerName(filter.layerKey));
  const what = differences.length === 0 ? "" : ` (${differences.join(", ")})`;
  return `${kind.padEnd(7)} ${filterNumber(filter.filterId)} "${filter.name}" at ${layer}${what}`;
}
