import type { LintFinding, LintSeverity, Policy } from "../model/index.ts";

/** What SARIF has to know of a check. */
export interface SarifCheck {
  readonly id: string;
  readonly name: string;
  readonly severity: LintSeverity;
  readonly title: string;
  readonly advice: string;
}

/** Findings as SARIF 2.1.0 (OASIS): each at its filter's line of the policy file, with the filter as a logical location. */
export function lintSarif(findings: readonly LintFinding[], checks: readonly SarifCheck[], policy: Policy): string {
  const rules = checks.map(({ id, name, severity, title, advice }) => ({
    id,
    name,
    shortDescription: { text: title },
    fullDescription: { text: `${title}.` },
    // The pages ship with the package and have no address of their own, which helpUri would have to be (SARIF 3.49.12).
    help: { text: `${advice} See docs/lint.md, section "${id}: ${title}".` },
    defaultConfiguration: { level: severity },
  }));
  const log = {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: { driver: { name: "wfplab", rules } },
        columnKind: "utf16CodeUnits",
        results: findings.map((finding) => resultOf(finding, checks, policy)),
      },
    ],
  };
  return `${JSON.stringify(log, null, 2)}\n`;
}

function resultOf({ id, severity, message, filter, line }: LintFinding, checks: readonly SarifCheck[], { source, completeness }: Policy) {
  const isFile = completeness !== "built" && source !== "stdin";
  return {
    ruleId: id,
    ruleIndex: checks.findIndex((check) => check.id === id),
    level: severity,
    message: { text: filter === null ? message : `#${filter.filterId} "${filter.name}": ${message}` },
    locations: [
      {
        ...(isFile
          ? {
              physicalLocation: {
                artifactLocation: { uri: source.replaceAll("\\", "/").split("/").map(encodeURIComponent).join("/") },
                ...(line === null ? {} : { region: { startLine: line } }),
              },
            }
          : {}),
        ...(filter === null ? {} : { logicalLocations: [{ name: filter.name, fullyQualifiedName: filter.key, kind: "object" }] }),
      },
    ],
  };
}
