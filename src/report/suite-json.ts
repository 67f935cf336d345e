import { formatFlow, type SuiteFinding, type SuiteRun, type TestResult } from "../model/index.ts";
import { type JsonRecord, jsonRecord } from "./json-record.ts";
import { decidingFilters } from "./suite-finding-lines.ts";
import { countsOf } from "./suite-text.ts";
import { traceVerdictJson } from "./trace-json.ts";

/** A run as records: one per test, one per change against the baseline, one per policy's coverage, then the summary. */
export function suiteJson(run: SuiteRun): JsonRecord[] {
  const { baseline, coverage } = run;
  return [
    ...run.results.map(testJson),
    ...(baseline?.changes ?? []).map(({ suite, test, before, after }) =>
      jsonRecord("change", { suite, test, flow: formatFlow(after.flow), before: traceVerdictJson(before), after: traceVerdictJson(after) }),
    ),
    ...(coverage ?? []).map(({ policy, exercised, idle }) =>
      jsonRecord("coverage", {
        policy: policy.source,
        exercised: exercised.map(({ filter, tests, flow }) => ({
          filterId: String(filter.filterId),
          filterKey: filter.key,
          filterName: filter.name,
          tests,
          flow,
        })),
        idle: idle.map((filter) => ({
          filterId: String(filter.filterId),
          filterKey: filter.key,
          filterName: filter.name,
          filterOrigin: filter.origin,
        })),
      }),
    ),
    jsonRecord("summary", {
      tests: run.results.length,
      ...countsOf(run.results),
      ...(baseline === null ? {} : { baseline: baseline.name, compared: baseline.compared, changes: baseline.changes.length }),
    }),
  ];
}

function testJson({ suite, name, position, source, policy, status, reach, judged, findings, assumptions, reason }: TestResult): JsonRecord {
  const { file = null, line = null, column = null } = position;
  return jsonRecord("test", {
    suite,
    name,
    ...{ file, line, column },
    source,
    policy,
    status,
    reach,
    judged,
    findings: findings.map(findingJson),
    assumptions,
    ...(reason === null ? {} : { reason }),
  });
}

function findingJson({ status, message, trace, alike, idle = [] }: SuiteFinding): JsonRecord {
  const by = trace === null || trace.decisive === null ? [] : decidingFilters(trace.decisive, trace.verdict);
  return {
    status,
    message,
    alike,
    ...(trace === null
      ? {}
      : {
          ...traceVerdictJson(trace),
          decidedBy: by.map(({ filterId, key, name, origin }) => ({
            filterId: String(filterId),
            filterKey: key,
            filterName: name,
            filterOrigin: origin,
          })),
        }),
    ...(idle.length === 0 ? {} : { rulesNotInForce: idle }),
  };
}
