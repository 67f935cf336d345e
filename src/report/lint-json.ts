import type { LintFinding, Policy } from "../model/index.ts";
import { type JsonRecord, jsonRecord } from "./json-record.ts";
import { filterJson } from "./shadow-json.ts";

/** A record per finding, and a summary. */
export function lintJson(findings: readonly LintFinding[], policy: Policy): JsonRecord[] {
  const count = (severity: LintFinding["severity"]) => findings.filter((finding) => finding.severity === severity).length;
  return [
    ...findings.map(({ id, severity, message, filter, related, line }) =>
      jsonRecord("finding", {
        id,
        severity,
        message,
        filter: filter === null ? null : filterJson(filter),
        related: related.map(filterJson),
        line,
      }),
    ),
    jsonRecord("summary", {
      policy: policy.source,
      findings: findings.length,
      errors: count("error"),
      warnings: count("warning"),
      notes: count("note"),
    }),
  ];
}
