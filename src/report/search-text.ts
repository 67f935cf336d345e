import type { Fidelity, SearchAnswer, SearchResult } from "../model/index.ts";
import { answerClassLine } from "./answer-class-lines.ts";
import { shortLayerName } from "./event-text.ts";
import { filterNumber } from "./filter-label.ts";
import { flowText } from "./flow-line.ts";
import { labelled } from "./labelled.ts";
import { count, plural } from "./number-text.ts";
import type { PolicyNames } from "./policy-names.ts";
import type { TextOptions } from "./text-options.ts";
import { traceText } from "./trace-text.ts";
import { verdictText } from "./verdict-text.ts";

export interface SearchTextOptions extends TextOptions {
  readonly about: readonly (readonly [string, string])[];
  readonly names: PolicyNames;
  readonly fidelity: Fidelity;
  readonly explain: boolean;
}

/** The answer to a search: for each part of the question its classes and a witness, or that there is none. */
export function searchText(result: SearchResult, options: SearchTextOptions): string {
  const { style, width } = options;
  const lines = [
    ...labelled("Question", questionOf(result), style, width),
    ...options.about.flatMap(([label, text]) => labelled(label, text, style, width)),
    "",
    ...result.answers.flatMap((answer) => answerLines(answer, options)),
    ...conclusion(result, options),
  ];
  return `${lines.join("\n")}\n`;
}

function questionOf({ question, verdict, decidedBy }: SearchResult): string {
  const by = decidedBy === null ? "" : `, decided by ${decidedBy}`;
  return `${question}: is any ${verdict === null ? "there" : verdict === "permit" ? "permitted" : verdict === "block" ? "blocked" : "indeterminate"}${by}?`;
}

function answerLines({ heading, classes, more, witness: { flow, trace }, decidedBy }: SearchAnswer, options: SearchTextOptions): string[] {
  const { style, width, explain, names } = options;
  const filter = decidedBy ?? trace.decisive?.decision?.filter ?? null;
  const by = filter === null ? trace.code : `${filterNumber(filter.filterId)} "${filter.name}"`;
  return [
    style.bold(heading),
    ...classes.map((row) => `  ${answerClassLine(row, style)}`),
    ...(more ? [style.dim("  and more classes (--classes N lists more)")] : []),
    `  ${style.dim("for example")} ${flowText(flow)}`,
    `    ${verdictText(trace.verdict, style)} ${trace.decisive === null ? "" : `at ${shortLayerName(trace.decisive.layer.name)} `}by ${by}`,
    ...(explain
      ? traceText(trace, { style, width, verbose: 0, names, fidelity: options.fidelity })
          .split("\n")
          .map((line) => `    ${line}`)
      : []),
    "",
  ];
}

function conclusion({ answers, certainty, unsettled, cost }: SearchResult, { style, width, explain }: SearchTextOptions): string[] {
  const lines: string[] = [];
  if (answers.length === 0 && certainty === "proved")
    lines.push(...labelled("Answer", `none: proved for all flows (${plural(cost.cases, "case")})`, style, width));
  else
    lines.push(
      ...labelled(
        "Answer",
        `${answers.length === 0 ? "none found" : "yes"}: ${answers.length} of ${plural(cost.cases, "case")}`,
        style,
        width,
      ),
    );
  for (const part of unsettled) lines.push(...labelled("Unsettled", part, style, width));
  if (explain) lines.push(...labelled("Cost", `${count(cost.nodes)} nodes at most in one set`, style, width));
  return lines;
}
