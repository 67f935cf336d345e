import { type FlowTrace, formatFlow } from "../model/index.ts";
import { shortLayerName } from "./event-text.ts";
import { filterNumber } from "./filter-label.ts";
import { plural } from "./number-text.ts";
import type { TextOptions } from "./text-options.ts";
import { dependencyTexts, verdictText } from "./verdict-text.ts";

/** One line for one flow, for lists: verdict, code, filter, layer, flow. */
export function traceLine(trace: FlowTrace, options: Pick<TextOptions, "style">): string {
  const step = trace.decisive;
  const filter = step?.decision?.filter ?? null;
  const verdict = verdictText(trace.verdict, options.style) + " ".repeat(Math.max(0, 13 - trace.verdict.length));
  return [
    `${verdict} ${formatFlow(trace.flow)}`,
    step === null ? "-" : shortLayerName(step.layer.name),
    filter === null ? trace.code : `${trace.code} ${filterNumber(filter.filterId)} "${filter.name}"`,
    ...(trace.dependsOn.length === 0 ? [] : [dependsText(trace)]),
  ].join("  |  ");
}

/** The open fields, and how many callouts nobody knows. */
function dependsText({ dependsOn }: FlowTrace): string {
  const fields = dependsOn.filter((dependency) => dependency.kind === "field");
  const callouts = dependsOn.length - fields.length;
  return ["depends on", [...dependencyTexts(fields), ...(callouts === 0 ? [] : [plural(callouts, "callout")])].join(" and ")].join(" ");
}
