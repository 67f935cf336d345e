import type { LearnedFact, VerifiedEvent, VerifyReport } from "../model/index.ts";
import { conditionResultLines } from "./condition-lines.ts";
import { actionText, filterLabel, weightText } from "./filter-label.ts";
import { count, plural } from "./number-text.ts";
import { type Cell, tableLines } from "./table.ts";
import type { TextOptions } from "./text-options.ts";
import { CAUSE_TEXT, conclusionText, countsByLayer, openFields, recordedFlowText, tieText } from "./verify-lines.ts";

/** Contradictions and facts shown; -v shows all. */
const MOST_SHOWN = 20;
/** Filters named in a line. */
const MOST_FILTERS = 4;

export interface VerifyTextOptions extends TextOptions {
  readonly remarks: readonly string[];
}

/** The report for a reader. */
export function verifyText(report: VerifyReport, options: VerifyTextOptions): string {
  const { style, verbose } = options;
  const { summary, events } = report;
  const lines = [`${style.bold(report.source)} against ${style.bold(report.policy)}`];
  const named = summary.hosts.filter((host) => host !== "");
  const of = named.length === 0 ? "" : ` of ${named.join(", ")}`;
  lines.push(`${plural(summary.events, "verdict")}${of}, ${count(summary.withFilter)} with the id of the filter that decided`);
  for (const [host, verdicts] of summary.otherHosts) {
    lines.push(
      style.dim(`note: ${plural(verdicts, "verdict")} of ${host === "" ? "no named computer" : host} left out: not that policy's`),
    );
  }
  for (const remark of options.remarks) lines.push(style.dim(`note: ${remark}`));
  if (summary.withFilter > 0) lines.push("", style.bold("Filters"), ...classTable(report, options));
  lines.push(...subLayerLines(report, options));
  if (summary.events > summary.withFilter) lines.push("", style.bold("Verdicts without a filter"), ...unnamedLines(report));
  const open = openFields(events);
  if (open.length > 0) {
    lines.push("", style.bold("What was not recorded and keeps candidates apart"));
    lines.push(
      ...tableLines(
        open.map(([field, verdicts]): Cell[] => [count(verdicts), field]),
        { indent: "  ", right: [0] },
      ),
    );
  }
  lines.push(...learnedLines(summary.learned, options));
  const wrong = events.filter(isWrong);
  if (wrong.length > 0) {
    const shown = wrong.slice(0, verbose > 0 ? wrong.length : MOST_SHOWN);
    lines.push("", style.bold("Contradictions"), ...shown.flatMap((event) => contradictionLines(event, options)));
    if (shown.length < wrong.length) lines.push(style.dim(`  and ${count(wrong.length - shown.length)} more; -v shows all`));
  }
  if (verbose > 1) lines.push("", style.bold("Every verdict"), ...events.map((event) => eventLine(event, options)));
  const ties = tieText(summary);
  lines.push("", ...(ties === undefined ? [] : [ties]), conclusionText(summary));
  return `${lines.join("\n")}\n`;
}

export function isWrong(event: VerifiedEvent): boolean {
  return (
    event.result === "contradiction" ||
    (event.result === null && event.action === "differs") ||
    event.subLayers.some(({ result }) => result === "contradiction")
  );
}

function classTable({ events, summary }: VerifyReport, { style }: TextOptions): string[] {
  const number = (value: number, paint: (text: string) => string): Cell => (value === 0 ? "0" : { text: count(value), paint });
  const rows = countsByLayer(events).map((row): Cell[] => [
    row.layer,
    number(row.exact, style.green),
    count(row.compatible),
    row.candidates === null ? "" : String(row.candidates),
    number(row.contradiction, style.red),
    number(row.unresolvable, style.yellow),
  ]);
  const total: Cell[] = [
    "all",
    count(summary.exact),
    count(summary.compatible),
    "",
    number(summary.contradiction, style.red),
    count(summary.unresolvable),
  ];
  const head = ["layer", "exact", "compatible", "candidates", "contradiction", "unresolvable"];
  const lines = tableLines([head, ...rows, total], { indent: "  ", right: [1, 2, 3, 4, 5] });
  lines.push(style.dim("  exact: what was recorded leaves one filter, the recorded one; compatible: several, the recorded one among them"));
  lines.push(style.dim("  candidates: how many, the median"));
  if (summary.onlyFit > 0) {
    lines.push(`  In ${count(summary.onlyFit)} of the compatible ones no other candidate leads to what was recorded.`);
  }
  for (const [cause, verdicts] of summary.byCause) lines.push(`  unresolvable: ${count(verdicts)} ${CAUSE_TEXT[cause]}`);
  return lines;
}

function subLayerLines({ events }: VerifyReport, { style }: TextOptions): string[] {
  const results = events.flatMap(({ subLayers }) => subLayers);
  if (results.length === 0) return [];
  const names = [...new Set(results.map(({ subLayer }) => subLayer))];
  const of = (name: string, result: string): string =>
    count(results.filter((entry) => entry.subLayer === name && entry.result === result).length);
  const rows = names.map((name): Cell[] => [
    name,
    of(name, "exact"),
    of(name, "compatible"),
    of(name, "contradiction"),
    of(name, "unresolvable"),
  ]);
  const head = ["sublayer", "exact", "compatible", "contradiction", "unresolvable"];
  return ["", style.bold("Terminating filters by sublayer"), ...tableLines([head, ...rows], { indent: "  ", right: [1, 2, 3, 4] })];
}

function unnamedLines({ summary: { unnamed } }: VerifyReport): string[] {
  const rows: [number, string][] = [
    [unnamed.agrees, "end as the model says"],
    [unnamed.open, "depend on what was not recorded"],
    [unnamed.differs, "end otherwise than the model says"],
    [unnamed.notJudged, "cannot be compared"],
  ];
  return tableLines(
    rows.filter(([verdicts]) => verdicts > 0).map(([verdicts, text]): Cell[] => [count(verdicts), text]),
    { indent: "  ", right: [0] },
  );
}

function learnedLines(learned: readonly LearnedFact[], { style, verbose }: TextOptions): string[] {
  if (learned.length === 0) return [];
  const shown = learned.slice(0, verbose > 0 ? learned.length : MOST_SHOWN);
  const rows = shown.map(({ what, about, value, line }): Cell[] => [what, about, value, `line ${line}`]);
  const lines = ["", style.bold("Learned from other verdicts (--learn)"), ...tableLines(rows, { indent: "  ", limits: { 1: 90 } })];
  if (shown.length < learned.length) lines.push(style.dim(`  and ${count(learned.length - shown.length)} more; -v shows all`));
  return lines;
}

function contradictionLines(event: VerifiedEvent, { style, verbose }: TextOptions): string[] {
  const { verdict, layer, filter, contradiction, candidates } = event;
  const at = layer?.name.replace("FWPM_LAYER_", "") ?? "";
  const place = `line ${verdict.position.line}`;
  const lines = [`  ${style.red(verdict.action === "permit" ? "permitted" : "blocked")} ${recordedFlowText(verdict)} at ${at}, ${place}`];
  for (const entry of event.subLayers) {
    if (entry.result === "contradiction")
      lines.push(`    sublayer ${entry.subLayer}: recorded #${entry.filterId}, which is not a candidate`);
  }
  if (contradiction === null || filter === null || layer === null) {
    if (event.result !== null) return lines;
    return [...lines, `    the model decides otherwise: ${filterNames(candidates)}`];
  }
  lines.push(
    `    recorded ${filterLabel(filter)} ${actionText(filter)}, weight ${weightText(filter.effectiveWeight)}: ${contradiction.summary}`,
  );
  const conditions = conditionResultLines(contradiction.conditions, layer, contradiction.values, { style, all: verbose > 0 });
  lines.push(...conditions.map((line) => `      ${line}`));
  if (contradiction.stronger.length > 0) lines.push(`    expected ${filterNames(contradiction.stronger)}`);
  return lines;
}

function filterNames(filters: readonly VerifiedEvent["candidates"][number][]): string {
  const names = filters.slice(0, MOST_FILTERS).map((filter) => (filter === null ? "no filter" : filterLabel(filter)));
  return `${names.join(" or ")}${filters.length > MOST_FILTERS ? ` or ${filters.length - MOST_FILTERS} more` : ""}`;
}

function eventLine(event: VerifiedEvent, { style }: TextOptions): string {
  const word = event.result ?? event.action;
  const paint =
    word === "exact" || word === "agrees" ? style.green : word === "contradiction" || word === "differs" ? style.red : style.yellow;
  const id = event.verdict.filterId ?? 0n;
  const filter = event.filter === null ? (id === 0n ? "no filter named" : `#${id}`) : filterLabel(event.filter);
  const many = event.candidates.length > 1 ? `, ${event.candidates.length} candidates` : "";
  const line = String(event.verdict.position.line).padStart(6);
  return `${line}  ${paint(word.padEnd(13))} ${event.verdict.action.padEnd(6)} ${recordedFlowText(event.verdict)}  ${filter}${many}`;
}
