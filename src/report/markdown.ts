import type { SuiteRun, TestResult, TestStatus } from "../model/index.ts";
import { flowText } from "./flow-line.ts";
import { markdownText } from "./markdown-text.ts";
import { count, plural } from "./number-text.ts";
import { PLAIN_STYLE } from "./style.ts";
import { decidingFilters, findingLines } from "./suite-finding-lines.ts";
import { countsOf, howText, placeText } from "./suite-text.ts";

const OPTIONS = { style: PLAIN_STYLE, verbose: 0, width: 110 } as const;
const ICON: Readonly<Record<TestStatus, string>> = { passed: "✅", failed: "❌", indeterminate: "❔", skipped: "⏭️" };

/** A summary for a pull request: what failed in full, the rest folded away. */
export function suiteMarkdown(run: SuiteRun): string {
  const { results, baseline, coverage } = run;
  const counts = countsOf(results);
  const parts = (["passed", "failed", "indeterminate", "skipped"] as const).flatMap((status) =>
    counts[status] === 0 ? [] : [`${count(counts[status])} ${status}`],
  );
  const lines = [`## Policy tests: ${parts.join(", ") || "none ran"}`, ""];
  for (const result of results) if (result.findings.length > 0) lines.push(...failure(result));
  if (baseline !== null) {
    lines.push(
      `### Against ${markdownText(baseline.name)}`,
      "",
      `${plural(baseline.compared, "part")} of the flows compared, ${plural(baseline.changes.length, "kind")} of change.`,
      "",
    );
    if (baseline.changes.length > 0) {
      lines.push("| flow | before | after | test |", "|---|---|---|---|");
      for (const { test, before, after } of baseline.changes) {
        const by = (trace: typeof before) => {
          const filter = trace.decisive === null ? undefined : decidingFilters(trace.decisive, trace.verdict)[0];
          return `${trace.verdict}${filter === undefined ? "" : ` by ${markdownText(filter.name)}`}`;
        };
        lines.push(`| ${code(flowText(after.flow))} | ${by(before)} | ${by(after)} | ${markdownText(test)} |`);
      }
      lines.push("");
    }
  }
  for (const { policy, exercised, idle } of coverage ?? []) {
    lines.push(
      `Coverage of ${markdownText(policy.source)}: ${count(exercised.length)} of ${plural(exercised.length + idle.length, "filter")} decided something.`,
      "",
    );
  }
  lines.push("<details>", `<summary>${plural(results.length, "test")}</summary>`, "", "| | test | suite | answer |", "|---|---|---|---|");
  for (const result of results)
    lines.push(`| ${ICON[result.status]} | ${link(result)} | ${markdownText(result.suite)} | ${markdownText(howText(result))} |`);
  return `${[...lines, "", "</details>"].join("\n")}\n`;
}

function failure(result: TestResult): string[] {
  const body = result.findings.flatMap((finding) => findingLines(finding, OPTIONS, ""));
  // A fence longer than any in the text cannot be ended by it.
  const fence = "`".repeat(Math.max(3, ...body.map((line) => (/`+/.exec(line)?.[0].length ?? 0) + 1)));
  return [
    `### ${ICON[result.status]} ${link(result)}`,
    "",
    `${code(placeText(result))}, policy ${markdownText(result.policy)}`,
    "",
    `${fence}text`,
    ...body,
    fence,
    "",
  ];
}

function link({ name, source }: TestResult): string {
  return source !== null && /^https?:\/\/[^\s()<>]+$/.test(source) ? `[${markdownText(name)}](${source})` : markdownText(name);
}

function code(text: string): string {
  const fence = text.includes("`") ? "``" : "`";
  return `${fence}${text.replace(/[\r\n]+/g, " ").replaceAll("|", "\\|")}${fence}`;
}
