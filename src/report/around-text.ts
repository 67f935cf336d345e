import { type Filter, type FlowFlip, type FlowTrace, formatFlow, type HoldsFor, type PolicyFlip } from "../model/index.ts";
import { answerClassLine } from "./answer-class-lines.ts";
import { shortLayerName } from "./event-text.ts";
import { filterNumber } from "./filter-label.ts";
import { flowText } from "./flow-line.ts";
import { type JsonRecord, jsonRecord } from "./json-record.ts";
import { labelled } from "./labelled.ts";
import type { TextOptions } from "./text-options.ts";
import { traceVerdictJson } from "./trace-json.ts";
import { verdictText } from "./verdict-text.ts";

/** The class around a flow in words; null where none could be told. */
export function holdsForLines(holds: HoldsFor | null, { style, width }: TextOptions): string[] {
  const text =
    holds === null
      ? "this flow only as far as is known: it leaves open what its verdict or its class depends on"
      : answerClassLine(holds, style);
  return labelled("Holds for", text, style, width);
}

/** What would change a flow's verdict: another value of one field, or one filter less. No flows: that could not be settled. */
export function flipLines(flows: readonly FlowFlip[] | undefined, filters: readonly PolicyFlip[], { style, width }: TextOptions): string[] {
  // Where the flows are not settled that has been said under this label.
  const first = flows === undefined ? "" : "Flips";
  const changes = [...(flows === undefined ? [] : ["field"]), "filter"].map((what) => `no single ${what}`).join(" and ");
  if ((flows ?? []).length === 0 && filters.length === 0) return labelled(first, `${changes} changes the verdict`, style, width);
  return [
    ...(flows ?? []).flatMap(({ field, text, trace, decidedBy }, index) => [
      ...labelled(
        index === 0 ? "Flips" : "",
        `${verdictText(trace.verdict, style)} with ${answerClassLine({ fields: [{ name: field, text }] }, style)}`,
        style,
        width,
      ),
      ...labelled("", `${style.dim("for example")} ${flowText(trace.flow)}${deciderText(trace, decidedBy)}`, style, width),
    ]),
    ...filters.flatMap(({ filter, trace, decidedBy }, index) =>
      labelled(
        index === 0 && (flows ?? []).length === 0 ? first : "",
        `${verdictText(trace.verdict, style)} without ${filterNumber(filter.filterId)} "${filter.name}"${deciderText(trace, decidedBy)}`,
        style,
        width,
      ),
    ),
  ];
}

function deciderText({ decisive }: FlowTrace, filter: Filter | null): string {
  if (decisive === null) return "";
  return ` (${filter === null ? "nobody decides" : `${filterNumber(filter.filterId)} "${filter.name}"`} at ${shortLayerName(decisive.layer.name)})`;
}

const LABEL = { "holds-for": "Holds for", flip: "Flips" } as const;

/** That the budget did not suffice for a question around a flow. */
export function unsettledLines(question: keyof typeof LABEL, why: string, { style, width }: TextOptions): string[] {
  return labelled(LABEL[question], `not settled: ${why} (--max-nodes)`, style, width);
}

export function unsettledJson(question: keyof typeof LABEL, nodes: number, number: number): JsonRecord {
  return jsonRecord("unsettled", { trace: number, question, maxNodes: nodes });
}

/** The same as records. */
export function holdsForJson(holds: HoldsFor | null, number: number): JsonRecord {
  return jsonRecord("holds-for", {
    trace: number,
    class: holds === null ? null : Object.fromEntries(holds.fields.map(({ name, text }) => [name, text])),
  });
}

export function flipJson(flows: readonly FlowFlip[], filters: readonly PolicyFlip[], number: number): JsonRecord[] {
  return [
    ...flows.map(({ field, text, trace }) =>
      jsonRecord("flip", {
        trace: number,
        change: "flow",
        field,
        values: text,
        after: { ...traceVerdictJson(trace), flow: formatFlow(trace.flow) },
      }),
    ),
    ...filters.map(({ filter, trace }) =>
      jsonRecord("flip", {
        trace: number,
        change: "policy",
        without: { filterId: String(filter.filterId), filterKey: filter.key, filterName: filter.name },
        after: traceVerdictJson(trace),
      }),
    ),
  ];
}
