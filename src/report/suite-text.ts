import type { SuiteRun, TestResult, TestStatus } from "../model/index.ts";
import { coverageText } from "./coverage-text.ts";
import { flowText } from "./flow-line.ts";
import { count, plural } from "./number-text.ts";
import type { Style } from "./style.ts";
import { decidingFilters, findingLines } from "./suite-finding-lines.ts";
import { widthOf } from "./table.ts";
import type { TextOptions } from "./text-options.ts";

const WORD: Readonly<Record<TestStatus, string>> = { passed: "pass", failed: "FAIL", indeterminate: "OPEN", skipped: "skip" };

function paint(status: TestStatus, style: Style): (text: string) => string {
  if (status === "passed") return (text) => style.green(text);
  if (status === "failed") return (text) => style.red(text);
  return status === "indeterminate" ? (text) => style.yellow(text) : (text) => style.dim(text);
}

/** The whole run as people read it. Ends in a line break. */
export function suiteText(run: SuiteRun, options: TextOptions): string {
  const { style } = options;
  const lines: string[] = [];
  const suites = new Map<string, TestResult[]>();
  for (const result of run.results) suites.set(result.suite, [...(suites.get(result.suite) ?? []), result]);
  for (const [suite, results] of suites) {
    if (lines.length > 0) lines.push("");
    lines.push(style.bold(suite));
    const width = Math.min(76, Math.max(...results.map(({ name }) => widthOf(name))));
    for (const result of results) lines.push(...resultLines(result, width, options));
  }
  lines.push("", ...baselineLines(run, options));
  if (run.coverage !== null) lines.push(...coverageText(run.coverage, options), "");
  lines.push(summaryText(run, style));
  return `${lines.join("\n")}\n`;
}

function resultLines(result: TestResult, width: number, options: TextOptions): string[] {
  const { style, verbose } = options;
  const { status, name } = result;
  const gap = " ".repeat(Math.max(2, width - widthOf(name) + 2));
  const lines = [`  ${paint(status, style)(WORD[status])}  ${name}${gap}${style.dim(howText(result))}`];
  const indent = " ".repeat(8);
  if (status === "failed" || status === "indeterminate") {
    lines.push(`${indent}${style.dim(`${placeText(result)}, policy: ${result.policy}`)}`);
    if (result.source !== null) lines.push(`${indent}${style.dim(`source: ${result.source}`)}`);
    for (const finding of result.findings) lines.push(...findingLines(finding, options, indent));
  } else if (verbose > 0) {
    if (result.policy !== "") lines.push(`${indent}${style.dim(`policy: ${result.policy}`)}`);
    if (result.source !== null) lines.push(`${indent}${style.dim(`source: ${result.source}`)}`);
  }
  if (verbose > 0) for (const assumption of result.assumptions) lines.push(`${indent}${style.dim(`assumed: ${assumption}`)}`);
  return lines;
}

export function placeText({ position: { file, line, column } }: TestResult): string {
  return [file, line, column].filter((part) => part !== undefined).join(":");
}

/** How far the answer reaches. */
export function howText({ status, reach, judged, reason }: TestResult): string {
  if (status === "skipped") return reason ?? "";
  if (reach === "run") return `run, ${plural(judged, "expectation")}`;
  const parts = judged === 1 ? "1 class of packets" : `${count(judged)} classes of packets`;
  return reach === "proved"
    ? `${status === "passed" ? "proved" : "judged"} over all, ${parts}`
    : `${count(judged)} ${judged === 1 ? "witness" : "witnesses"}`;
}

function baselineLines({ baseline }: SuiteRun, { style }: TextOptions): string[] {
  if (baseline === null) return [];
  const { name, changes, compared } = baseline;
  const head = `${style.bold("Against")} ${name}: ${plural(compared, "part")} of the flows compared, ${plural(changes.length, "kind")} of change`;
  const lines = changes.flatMap(({ test, before, after }) => {
    const by = (trace: typeof before) => {
      const filter = trace.decisive === null ? undefined : decidingFilters(trace.decisive, trace.verdict)[0];
      return `${trace.verdict.toUpperCase()}${filter === undefined ? "" : ` by "${filter.name}"`}`;
    };
    return [`  ${flowText(after.flow)}`, `      ${by(before)} -> ${by(after)}  ${style.dim(`(${test})`)}`];
  });
  return [head, ...lines, ""];
}

export function countsOf(results: readonly TestResult[]): Readonly<Record<TestStatus, number>> {
  const counts = { passed: 0, failed: 0, indeterminate: 0, skipped: 0 };
  for (const { status } of results) counts[status]++;
  return counts;
}

function summaryText({ results }: SuiteRun, style: Style): string {
  const counts = countsOf(results);
  const parts = (["passed", "failed", "indeterminate", "skipped"] as const).flatMap((status) =>
    counts[status] === 0 ? [] : [paint(status, style)(`${count(counts[status])} ${status}`)],
  );
  return `${plural(results.length, "test")}: ${parts.join(", ") || "none ran"}`;
}
