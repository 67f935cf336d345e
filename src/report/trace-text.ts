import { type Fidelity, type FlowTrace, formatFlow, type TraceStep } from "../model/index.ts";
import { arbitrationLines, candidateLines } from "./arbitration-lines.ts";
import { conditionLines, conditionResultLines } from "./condition-lines.ts";
import { eventText, shortLayerName } from "./event-text.ts";
import { fidelityText } from "./fidelity-text.ts";
import { fieldLines } from "./field-lines.ts";
import { filterLabel } from "./filter-label.ts";
import { filterLines } from "./filter-lines.ts";
import { labelled } from "./labelled.ts";
import { nearMissLines } from "./near-miss-lines.ts";
import { plural } from "./number-text.ts";
import type { PolicyNames } from "./policy-names.ts";
import { policyText } from "./policy-text.ts";
import { type Cell, tableLines } from "./table.ts";
import type { TextOptions } from "./text-options.ts";
import { traceFilterLines } from "./trace-filter-lines.ts";
import { alternativeTexts, codeMeaning, dependencyTexts, resultPaint, resultWord, verdictText } from "./verdict-text.ts";

export interface TraceTextOptions extends TextOptions {
  readonly names: PolicyNames;
  readonly fidelity: Fidelity;
  /** What the run took for granted of its own accord, e.g. that the policy is the built-in one. */
  readonly remarks?: readonly string[];
}

const INDENT = "        ";

/** The whole answer to "what happens to this flow, and why", as an administrator reads it. Ends in a line break. */
export function traceText(trace: FlowTrace, options: TraceTextOptions): string {
  const { style, width, names, fidelity } = options;
  const label = (name: string, text: string) => labelled(name, text, style, width);
  const labels = (name: string, texts: readonly string[]) => texts.flatMap((text, index) => label(index === 0 ? name : "", text));
  return `${[
    ...label("Flow", formatFlow(trace.flow)),
    ...label("Policy", policyText(names.policy)),
    "",
    ...stepLines(trace, options),
    "",
    ...verdictLines(trace, options),
    ...label("Observed", `application: ${trace.observed.application}`),
    ...label("", `peer: ${trace.observed.peer}`),
    ...labels(
      "Depends",
      dependencyTexts(trace.dependsOn).map(
        (text) => `${trace.verdict === "indeterminate" ? "on" : "the verdict is certain, but which layer blocks first depends on"} ${text}`,
      ),
    ),
    ...labels("Assumed", [...trace.assumptions, ...(options.remarks ?? [])]),
    ...label("Fidelity", fidelityText(fidelity)),
  ].join("\n")}\n`;
}

function stepLines(trace: FlowTrace, options: TraceTextOptions): string[] {
  const { style } = options;
  const rows = trace.steps.map((step, index): Cell[] => {
    const quiet = !step.reached || step.filters.length === 0;
    const paint = quiet ? style.dim : (text: string) => text;
    const cell = (text: string): Cell => ({ text, paint });
    return [
      cell(String(index + 1)),
      { text: shortLayerName(step.layer.name), paint: step === trace.decisive ? style.bold : paint },
      cell(eventText(step.event, step.direction, step.layer)),
      step.decision === null ? cell("-") : { text: resultWord(step.decision), paint: resultPaint(step.decision, style) },
      cell(decidedBy(step)),
    ];
  });
  const header: Cell[] = ["", "layer", "event", "result", "decided by"].map((text) => ({ text, paint: style.dim }));
  const [head = "", ...lines] = tableLines([header, ...rows], { indent: "  ", right: [0] });
  return [head, ...trace.steps.flatMap((step, index) => [lines[index] ?? "", ...(step.reached ? detailLines(step, trace, options) : [])])];
}

/** Last column of a layer's line. */
function decidedBy(step: TraceStep): string {
  const { decision, filters } = step;
  if (!step.reached || decision === null) return "not reached";
  if (filters.length === 0) return "no filters";
  if (decision.verdict === "indeterminate") return decision.code;
  const matching = filters.filter((result) => result.truth === "true" && result.consulted).length;
  if (decision.filter === null && decision.alternatives.length > 1) return "nobody, or a filter that permits: nothing here can block";
  if (decision.filter === null) return `nobody: ${matching} of ${plural(filters.length, "filter")} ${matching === 1 ? "matches" : "match"}`;
  const discard = step.layer.discardOf !== null && decision.verdict === "block" ? ": the stack does not answer" : "";
  const perhaps = decision.alternatives.length > 1 ? ", if none above it" : "";
  return `${filterLabel(decision.filter)}${perhaps}${discard}`;
}

function detailLines(step: TraceStep, trace: FlowTrace, options: TraceTextOptions): string[] {
  const { style, verbose } = options;
  const decides = step === trace.decisive;
  const someoneSpoke = step.subLayers.some((result) => result.action !== "continue");
  const lines: string[] = [];
  if (verbose > 0) lines.push(...fieldLines(step.layer, step.values, options, INDENT));
  if (decides || someoneSpoke || (verbose > 0 && step.subLayers.length > 0)) {
    lines.push(...arbitrationLines(step.subLayers, style, { indent: INDENT, all: verbose > 0 }));
    lines.push(...candidateLines(step.subLayers, INDENT, verbose > 0));
  }
  if (decides) lines.push(...nearMissLines(step, options, INDENT));
  if (verbose > 0) lines.push(...traceFilterLines(step, options, INDENT));
  return lines;
}

function verdictLines(trace: FlowTrace, options: TraceTextOptions): string[] {
  const { style, width, names, verbose } = options;
  const step = trace.decisive;
  const place = step === null ? "" : ` at ${shortLayerName(step.layer.name)} (layer ${step.layer.id})`;
  const verdict = `${verdictText(trace.verdict, style)}  ${trace.code}${place}: ${codeMeaning(trace.code)}`;
  const lines = labelled("Verdict", verdict, style, width);
  const decision = step?.decision ?? null;
  if (step === null || decision === null) return lines;
  // A certain verdict may still have more than one possible author.
  const name = decision.verdict === "indeterminate" ? "Could be" : "Whose";
  lines.push(...alternativeTexts(decision, verbose > 0).flatMap((way, index) => labelled(index === 0 ? name : "", way, style, width)));
  const { filter } = decision;
  if (filter === null) return lines;
  const result = step.filters.find((candidate) => candidate.filter === filter);
  const conditionOptions = { style, all: verbose > 0 };
  const conditions =
    result === undefined
      ? conditionLines(filter.conditions, step.layer, conditionOptions)
      : conditionResultLines(result.conditions, step.layer, step.values, conditionOptions);
  const [head = "", ...rest] = filterLines(filter, { names, layer: step.layer, indent: " ".repeat(10), conditions, width });
  return [...lines, `${style.bold("Filter")}    ${head.trimStart()}`, ...rest];
}
