import type { SuiteFinding, SuiteRun, TestResult } from "../model/index.ts";
import { PLAIN_STYLE } from "./style.ts";
import { findingLines } from "./suite-finding-lines.ts";
import { countsOf, howText, placeText } from "./suite-text.ts";

const OPTIONS = { style: PLAIN_STYLE, verbose: 0, width: 160 } as const;

/**
 * The run as JUnit XML, as Jenkins, GitLab and Azure Pipelines read it: a failed test is a failure, an indeterminate one an error, since it
 * is the policy that could not be judged.
 */
export function suiteJunit({ results }: SuiteRun): string {
  const suites = new Map<string, TestResult[]>();
  for (const result of results) suites.set(result.suite, [...(suites.get(result.suite) ?? []), result]);
  const lines = ['<?xml version="1.0" encoding="UTF-8"?>', `<testsuites name="wfplab"${counts(results)}>`];
  for (const [name, list] of suites) {
    lines.push(`  <testsuite name=${quoted(name)}${counts(list)}>`);
    for (const result of list) lines.push(...caseLines(result));
    lines.push("  </testsuite>");
  }
  return `${[...lines, "</testsuites>"].join("\n")}\n`;
}

function counts(results: readonly TestResult[]): string {
  const { failed, indeterminate, skipped } = countsOf(results);
  const time = results.reduce((sum, { seconds }) => sum + (seconds ?? 0), 0);
  return ` tests="${results.length}" failures="${failed}" errors="${indeterminate}" skipped="${skipped}" time="${time.toFixed(3)}"`;
}

function caseLines(result: TestResult): string[] {
  const { name, suite, position, status, findings, reason, seconds } = result;
  const place = `${position.file === undefined ? "" : ` file=${quoted(position.file)}`}${position.line === undefined ? "" : ` line="${position.line}"`}`;
  const open = `    <testcase name=${quoted(name)} classname=${quoted(suite)}${place} time="${(seconds ?? 0).toFixed(3)}"`;
  if (status === "passed") return [`${open}/>`];
  if (status === "skipped") return [`${open}>`, `      <skipped message=${quoted(reason ?? "")}/>`, "    </testcase>"];
  const [first] = findings;
  const tag = status === "failed" ? "failure" : "error";
  const head = [
    `${placeText(result)}, policy: ${result.policy}, ${howText(result)}`,
    ...(result.source === null ? [] : [`source: ${result.source}`]),
  ];
  const body = [...head, ...findings.flatMap((finding: SuiteFinding) => findingLines(finding, OPTIONS, ""))].join("\n");
  return [
    `${open}>`,
    `      <${tag} message=${quoted(first?.message ?? "")} type="${status}">${escaped(body)}</${tag}>`,
    "    </testcase>",
  ];
}

function quoted(text: string): string {
  return `"${escaped(text)
    .replaceAll('"', "&quot;")
    .replace(/[\n\t\r]/g, " ")}"`;
}

/** XML 1.0 has no way to write most control characters: they become the replacement character. */
function escaped(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, "\uFFFD");
}
