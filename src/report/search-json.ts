import type { Policy, SearchResult, Witness } from "../model/index.ts";
import { formatFlow } from "../model/index.ts";
import { type JsonRecord, jsonRecord } from "./json-record.ts";
import { traceVerdictJson } from "./trace-json.ts";

/** A record per part of the answer, and a summary. */
export function searchJson(result: SearchResult, policy: Policy, there?: Policy): JsonRecord[] {
  return [
    ...result.answers.map(({ heading, classes, more, witness, sent, decidedBy }) =>
      jsonRecord("answer", {
        part: heading,
        classes: classes.map(({ fields, dependsOn, isUsual }) => ({
          ...Object.fromEntries(fields.map(({ name, text }) => [name, text])),
          ...(dependsOn === undefined ? {} : { dependsOn, usual: isUsual === true }),
        })),
        more,
        ...(sent === undefined ? {} : { sent: witnessJson(sent) }),
        witness: witnessJson(witness),
        decidedBy:
          decidedBy === null ? null : { filterId: String(decidedBy.filterId), filterKey: decidedBy.key, filterName: decidedBy.name },
      }),
    ),
    jsonRecord("summary", {
      question: result.question,
      verdict: result.verdict,
      decidedBy: result.decidedBy,
      policy: policy.source,
      ...(there === undefined ? {} : { toPolicy: there.source }),
      answers: result.answers.length,
      found: result.found,
      cases: result.cost.cases,
      certainty: result.certainty,
      unsettled: result.unsettled,
      assumptions: result.assumptions,
      nodes: result.cost.nodes,
    }),
  ];
}

export function witnessJson({ flow, trace }: Witness): JsonRecord {
  return { ...traceVerdictJson(trace), flow: formatFlow(flow) };
}
