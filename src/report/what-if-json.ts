import type { AppliedChange, FlowTrace } from "../model/index.ts";
import { type JsonRecord, jsonRecord } from "./json-record.ts";
import { traceVerdictJson } from "./trace-json.ts";

/** What was changed before the policy was asked. */
export function whatIfJson(applied: readonly AppliedChange[], profile: string | undefined): JsonRecord {
  return jsonRecord("what-if", {
    changes: applied.map(({ change: { kind, text }, effect }) => ({ kind, text, effect })),
    profile: profile ?? null,
  });
}

/** What the unchanged policy answers to the flow of this number. */
export function beforeJson(before: FlowTrace, number: number): JsonRecord {
  return jsonRecord("before", { trace: number, ...traceVerdictJson(before) });
}
