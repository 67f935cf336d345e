import type { Fidelity, Filter, SearchAnswer, SearchResult, Witness } from "../model/index.ts";
import { answerClassLine } from "./answer-class-lines.ts";
import { shortLayerName } from "./event-text.ts";
import { filterNumber } from "./filter-label.ts";
import { flowText } from "./flow-line.ts";
import { labelled, wrap } from "./labelled.ts";
import { count, plural } from "./number-text.ts";
import type { PolicyNames } from "./policy-names.ts";
import type { TextOptions } from "./text-options.ts";
import { traceText } from "./trace-text.ts";
import { verdictText } from "./verdict-text.ts";

export interface SearchTextOptions extends TextOptions {
  readonly about: readonly (readonly [string, string])[];
  readonly names: PolicyNames;
  readonly fidelity: Fidelity;
  /** The same of the host at the other end, where there is one. */
  readonly there?: Pick<SearchTextOptions, "names" | "fidelity">;
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
  if (question.endsWith("?")) return question;
  const words = { permit: "permitted", block: "blocked", indeterminate: "indeterminate" } as const;
  const parts = [...(verdict === null ? [] : [words[verdict]]), ...(decidedBy === null ? [] : [`decided by ${decidedBy}`])];
  return `${question}: is any ${parts.join(" and ")}?`;
}

function answerLines({ heading, classes, more, witness, sent, decidedBy }: SearchAnswer, options: SearchTextOptions): string[] {
  const { style, width } = options;
  return [
    style.bold(heading),
    ...classes.flatMap((row) => wrap(`  ${answerClassLine(row, style)}`, Math.max(60, width))),
    ...(more ? [style.dim("  and more classes (--classes N lists more)")] : []),
    ...(sent === undefined ? [] : witnessLines("for example", sent, null, options)),
    ...witnessLines(sent === undefined ? "for example" : "there seen as", witness, decidedBy, { ...options, ...options.there }),
    "",
  ];
}

function witnessLines(label: string, { flow, trace }: Witness, decidedBy: Filter | null, options: SearchTextOptions): string[] {
  const { style, width, explain, names, fidelity } = options;
  const filter = decidedBy ?? trace.decisive?.decision?.filter ?? null;
  const by = filter === null ? trace.code : `${filterNumber(filter.filterId)} "${filter.name}"`;
  return [
    `  ${style.dim(label)} ${flowText(flow)}`,
    `    ${verdictText(trace.verdict, style)} ${trace.decisive === null ? "" : `at ${shortLayerName(trace.decisive.layer.name)} `}by ${by}`,
    ...(explain
      ? traceText(trace, { style, width, verbose: 0, names, fidelity })
          .trimEnd()
          .split("\n")
          .map((line) => `    ${line}`.trimEnd())
      : []),
  ];
}

function conclusion(result: SearchResult, { style, width, explain }: SearchTextOptions): string[] {
  const { answers, certainty, unsettled, found, assumptions, cost } = result;
  const cases = plural(cost.cases, "case");
  const text =
    answers.length > 0
      ? `yes, in ${found} of ${cases}`
      : certainty === "proved"
        ? `none: proved for all flows (${cases})`
        : `none found, which is no proof: not all of ${cases} could be settled`;
  return [
    ...labelled("Answer", text, style, width),
    ...unsettled.flatMap((part, index) => labelled(index === 0 ? "Unsettled" : "", part, style, width)),
    ...(explain || (answers.length === 0 && certainty === "proved")
      ? assumptions.flatMap((each, index) => labelled(index === 0 ? "Assumed" : "", each, style, width))
      : []),
    ...(explain ? labelled("Cost", `${count(cost.nodes)} nodes at most in one space of sets`, style, width) : []),
  ];
}
