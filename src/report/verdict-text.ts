import type { Decision, DecisionCode, Dependency, Filter, Verdict } from "../model/index.ts";
import { filterLabel, filterNumber } from "./filter-label.ts";
import { fieldWithHint } from "./flow-key-hints.ts";
import { count } from "./number-text.ts";
import type { Style } from "./style.ts";

/** `PERMIT`, `BLOCK`, `INDETERMINATE`, in their colours. */
export function verdictText(verdict: Verdict, style: Style): string {
  const paint = verdict === "permit" ? style.green : verdict === "block" ? style.red : style.yellow;
  return style.bold(paint(verdict.toUpperCase()));
}

/** What a layer's line says in the result column: "continue" where nobody decided. */
export function resultWord(decision: Decision): string {
  if (decision.verdict === "permit") return decision.code === "NO_MATCH_PERMIT" ? "continue" : "permit";
  return decision.verdict === "block" ? "BLOCK" : "UNDECIDED";
}

export function resultPaint(decision: Decision, style: Style): (text: string) => string {
  if (decision.verdict === "block") return (text) => style.bold(style.red(text));
  if (decision.verdict === "indeterminate") return (text) => style.bold(style.yellow(text));
  return decision.code === "NO_MATCH_PERMIT" ? style.dim : style.green;
}

const meanings: Readonly<Record<DecisionCode, string>> = {
  NO_MATCH_PERMIT: "no filter decided; the layer's default is to permit",
  FILTER_PERMIT: "a permit filter decided",
  FILTER_BLOCK: "a block filter decided",
  CALLOUT_PERMIT: "a callout permitted",
  CALLOUT_BLOCK: "a callout blocked",
  CALLOUT_VETO: "a callout vetoed a hard permit",
  CALLOUT_ABSORB: "a callout blocked and absorbed: no event is logged",
  CALLOUT_UNREGISTERED_BLOCK: "the filter's callout is not registered, which blocks",
  CALLOUT_UNREGISTERED_PERMIT: "the filter's callout is not registered, and the filter permits then",
  INDETERMINATE_CALLOUT: "a callout decides whose code is not known",
  INDETERMINATE_FIELD: "it depends on what the flow leaves open",
  INDETERMINATE_CALLOUT_AND_FIELD: "it depends on a callout whose code is not known and on what the flow leaves open",
};

/** One sentence per code; the long form is docs/codes.md. */
export function codeMeaning(code: DecisionCode): string {
  return meanings[code];
}

/** Why it is not certain: the flow's open fields in one phrase, each callout in its own. */
export function dependencyTexts(dependsOn: readonly Dependency[]): string[] {
  const fields = dependsOn.filter((dependency) => dependency.kind === "field").map((dependency) => fieldWithHint(dependency.field));
  const callouts = dependsOn
    .filter((dependency) => dependency.kind === "callout")
    .map(
      ({ calloutName, filterId, filterName }) =>
        `callout "${calloutName}", whose code is not known, of filter ${filterNumber(filterId)} "${filterName}"`,
    );
  return [...(fields.length === 0 ? [] : [`what the flow leaves open: ${fields.join("; ")}`]), ...callouts];
}

/** The ways a decision can end, one a line: each of them with `all`, else how many filters lead to each verdict, and the first of them. */
export function alternativeTexts(decision: Decision, all: boolean): string[] {
  if (all) return decision.alternatives.map(({ verdict, code, filter }) => `${verdict} ${byText(filter)} (${code})`);
  return (["permit", "block"] as const).flatMap((verdict) => {
    const [first, ...rest] = decision.alternatives.filter((alternative) => alternative.verdict === verdict);
    if (first === undefined) return [];
    const more =
      rest.length === 0
        ? ""
        : rest.length === 1
          ? ", or by one more (-v shows it)"
          : `, or by one of ${count(rest.length)} more (-v shows them)`;
    return [`${verdict} ${byText(first.filter)}${more}`];
  });
}

function byText(filter: Filter | null): string {
  return filter === null ? "because no filter decides" : `by ${filterLabel(filter)}`;
}
