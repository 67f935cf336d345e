import type { SuiteFinding, SuiteRun, TestResult } from "../model/index.ts";
import { PLAIN_STYLE } from "./style.ts";
import { decidingFilters, findingLines } from "./suite-finding-lines.ts";

const OPTIONS = { style: PLAIN_STYLE, verbose: 0, width: 160 } as const;

/** Rules of the SARIF log: one for each way a test is not met. */
const RULES = [
  {
    id: "policy-test-failed",
    name: "PolicyTestFailed",
    shortDescription: { text: "The policy does not do what a test expects" },
    fullDescription: {
      text: "A flow that the test speaks of has another verdict, or another filter or layer decides, than the test expects.",
    },
    defaultConfiguration: { level: "error" },
  },
  {
    id: "policy-test-indeterminate",
    name: "PolicyTestIndeterminate",
    shortDescription: { text: "A test expects a definite answer and there is none" },
    fullDescription: { text: "The verdict depends on a callout whose code is not known, or on something that the flow leaves open." },
    defaultConfiguration: { level: "warning" },
  },
] as const;

/** What failed as SARIF 2.1.0 (OASIS), placed at the test in its suite, with the filter as a logical location. */
export function suiteSarif({ results }: SuiteRun): string {
  const log = {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: { driver: { name: "wfplab", rules: RULES } },
        columnKind: "utf16CodeUnits",
        results: results.flatMap((result) => result.findings.map((finding) => sarifResult(result, finding))),
      },
    ],
  };
  return `${JSON.stringify(log, null, 2)}\n`;
}

function sarifResult(test: TestResult, finding: SuiteFinding) {
  const { position, name, suite } = test;
  const ruleIndex = finding.status === "failed" ? 0 : 1;
  const { trace } = finding;
  const filters = trace === null || trace.decisive === null ? [] : decidingFilters(trace.decisive, trace.verdict);
  const uri = position.file === undefined || position.file === "stdin" ? undefined : uriOf(position.file);
  return {
    ruleId: RULES[ruleIndex].id,
    ruleIndex,
    level: RULES[ruleIndex].defaultConfiguration.level,
    message: { text: [`${name}: ${finding.message}`, ...findingLines(finding, OPTIONS, "").slice(1)].join("\n") },
    locations: [
      {
        ...(uri === undefined
          ? {}
          : {
              physicalLocation: {
                artifactLocation: { uri },
                region: { startLine: position.line ?? 1, ...(position.column === undefined ? {} : { startColumn: position.column }) },
              },
            }),
        logicalLocations: [
          { name, fullyQualifiedName: `${suite}::${name}`, kind: "member" },
          ...filters.map((filter) => ({ name: filter.name, fullyQualifiedName: `${test.policy}::${filter.key}`, kind: "object" })),
        ],
      },
    ],
    // Stable between runs: ids and counts of filters are not.
    partialFingerprints: { "wfplabTest/v1": `${suite}::${name}::${filters[0]?.origin ?? filters[0]?.key ?? finding.message}` },
  };
}

/** A path as a URI reference: relative ones stay relative (RFC 3986 4.2). */
function uriOf(path: string): string {
  const parts = path.replaceAll("\\", "/").split("/").map(encodeURIComponent).join("/");
  if (/^[A-Za-z]%3A\//.test(parts)) return `file:///${parts.replace("%3A", ":")}`;
  return parts.startsWith("/") ? `file://${parts}` : parts.replace(/^\.\//, "");
}
