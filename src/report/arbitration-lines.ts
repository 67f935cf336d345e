import type { ArbitrationState, Filter, SubLayerResult } from "../model/index.ts";
import { actionText, filterLabel, filterNumber, subLayerWeightText } from "./filter-label.ts";
import { count, plural } from "./number-text.ts";
import { shortSubLayerName } from "./policy-names.ts";
import type { Style } from "./style.ts";
import { type Cell, tableLines } from "./table.ts";

/** Sublayers without a say are folded into one line where there are more of them than this. */
const MANY_SILENT = 4;

const NAME_LIMIT = 24;
const WINNER_LIMIT = 42;

/** The arbitration at one layer: every sublayer from the highest weight down, its winner, and the state before and after it. */
export function arbitrationLines(subLayers: readonly SubLayerResult[], style: Style, options: { indent: string; all: boolean }): string[] {
  const silent = subLayers.filter(isSilent);
  const fold = !options.all && silent.length > MANY_SILENT;
  const shown = fold ? subLayers.filter((result) => !isSilent(result)) : subLayers;
  const header: Cell[] = ["weight", "sublayer", "winner", "action", "rights", "note"].map((text) => ({ text, paint: style.dim }));
  const lines = tableLines([header, ...shown.map((result) => row(result, style))], {
    indent: options.indent,
    limits: { 1: NAME_LIMIT, 2: WINNER_LIMIT },
  });
  const folded = silent.reduce((sum, result) => sum + result.filters, 0);
  if (fold) lines.push(options.indent + style.dim(`${plural(silent.length, "more sublayer")} (${plural(folded, "filter")}): none decides`));
  return lines;
}

function isSilent(result: SubLayerResult): boolean {
  return result.action === "continue" && result.filter === null;
}

function row(result: SubLayerResult, style: Style): Cell[] {
  const name = shortSubLayerName(result.subLayerKey, result.subLayerName);
  const weight = subLayerWeightText(result.weight);
  const { action, filter, before, after } = result;
  if (isSilent(result)) return [weight, name, "-", "-", stateText(after), `none of ${plural(result.filters, "filter")}`].map(dimmed(style));
  const change = stateText(before) === stateText(after) ? stateText(after) : `${stateText(before)} → ${stateText(after)}`;
  const winner = action === "indeterminate" ? candidatesText(result.candidates) : filter === null ? "-" : filterLabel(filter);
  return [weight, name, winner, actionCell(action, style), change, note(result)];
}

const dimmed =
  (style: Style) =>
  (text: string): Cell => ({ text, paint: style.dim });

function actionCell(action: SubLayerResult["action"], style: Style): Cell {
  switch (action) {
    case "block":
      return { text: action, paint: style.red };
    case "permit":
      return { text: action, paint: style.green };
    case "indeterminate":
      return { text: "undecided", paint: style.yellow };
    default:
      return action;
  }
}

/** "open": nobody has decided yet; else whose word stands and whether lower sublayers may change it. */
export function stateText({ action, rights }: ArbitrationState): string {
  return action === "none" ? "open" : action === "indeterminate" ? "undecided" : `${rights} ${action}`;
}

function candidatesText(candidates: readonly Filter[]): string {
  const [first, ...rest] = candidates;
  if (first === undefined) return "-";
  return rest.length === 0 ? `perhaps ${filterLabel(first)}` : `one of ${count(candidates.length)}, or none`;
}

function note(result: SubLayerResult): string {
  const { action, filter, before, after } = result;
  if (result.vetoed) return "veto of a hard permit";
  if (action !== "continue" && before.rights === "hard" && before.action === after.action && before.action !== "none") {
    return `too late: the ${before.action} is hard`;
  }
  if (action === "indeterminate") return "";
  const decides = action === "permit" || action === "block";
  if (!decides || filter === null) return "";
  return filter.action.type.startsWith("FWP_ACTION_CALLOUT") ? actionText(filter) : "";
}

/** Filters that may decide where that is not known, one a line. */
export function candidateLines(subLayers: readonly SubLayerResult[], indent: string, all: boolean): string[] {
  return subLayers
    .filter((result) => result.action === "indeterminate" && result.candidates.length > 1)
    .flatMap((result) => {
      const limit = all ? result.candidates.length : 6;
      const name = shortSubLayerName(result.subLayerKey, result.subLayerName);
      const left = result.candidates.length - limit;
      return [
        `${indent}may decide in ${name}:`,
        ...result.candidates
          .slice(0, limit)
          .map((filter) => `${indent}  ${filterNumber(filter.filterId)} "${filter.name}" ${actionText(filter)}`),
        ...(left > 0 ? [`${indent}  and ${plural(left, "more filter")} (-v shows them)`] : []),
      ];
    });
}
