import { type FlowFlip, type FlowTrace, formatFlow, type HoldsFor, type PolicyFlip } from "../model/index.ts";
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

/** What would change a flow's verdict: another value of one field, or one filter less. */
export function flipLines(flows: readonly FlowFlip[], filters: readonly PolicyFlip[], { style, width }: TextOptions): string[] {
  if (flows.length === 0 && filters.length === 0)
    return labelled("Flips", "no single field and no single filter changes the verdict", style, width);
  return [
    ...flows.flatMap(({ field, text, trace }, index) => [
      ...labelled(
        index === 0 ? "Flips" : "",
        `${verdictText(trace.verdict, style)} with ${answerClassLine({ fields: [{ name: field, text }] }, style)}`,
        style,
        width,
      ),
      ...labelled("", `${style.dim("for example")} ${flowText(trace.flow)}${decidedBy(trace)}`, style, width),
    ]),
    ...filters.flatMap(({ filter, trace }, index) =>
      labelled(
        index === 0 && flows.length === 0 ? "Flips" : "",
        `${verdictText(trace.verdict, style)} without ${filterNumber(filter.filterId)} "${filter.name}"${decidedBy(trace)}`,
        style,
        width,
      ),
    ),
  ];
}

function decidedBy({ decisive }: FlowTrace): string {
  const filter = decisive?.decision?.filter ?? null;
  if (decisive === null) return "";
  return ` (${filter === null ? "nobody decides" : `${filterNumber(filter.filterId)} "${filter.name}"`} at ${shortLayerName(decisive.layer.name)})`;
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
