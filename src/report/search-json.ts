import type { Policy, SearchResult, Witness } from "../model/index.ts";
import { formatFlow } from "../model/index.ts";
import { type JsonRecord, jsonRecord } from "./json-record.ts";
import { traceVerdictJson } from "./trace-json.ts";

/** A record per part of the answer, and a summary. */
export function searchJson(result: SearchResult, policy: Policy): JsonRecord[] {
  return [
    ...result.answers.map(({ heading, classes, more, witness }) =>
      jsonRecord("answer", {
        part: heading,
        classes: classes.map(({ fields }) => Object.fromEntries(fields.map(({ name, text }) => [name, text]))),
        more,
        witness: witnessJson(witness),
      }),
    ),
    jsonRecord("summary", {
      question: result.question,
      verdict: result.verdict,
      decidedBy: result.decidedBy,
      policy: policy.source,
      found: result.answers.length,
      cases: result.cost.cases,
      certainty: result.certainty,
      unsettled: result.unsettled,
      nodes: result.cost.nodes,
    }),
  ];
}

export function witnessJson({ flow, trace }: Witness): JsonRecord {
  return { ...traceVerdictJson(trace), flow: formatFlow(flow) };
}
