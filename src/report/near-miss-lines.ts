import type { TraceStep } from "../model/index.ts";
import { conditionText, valueText } from "./condition-text.ts";
import { actionText, filterLabel } from "./filter-label.ts";
import { wrap } from "./labelled.ts";
import { type NearMissGroup, nearMissGroups } from "./near-miss-groups.ts";
import { count, plural } from "./number-text.ts";
import type { TextOptions } from "./text-options.ts";

const SHOWN = 5;

/** Which filters would have changed the verdict, and the field each failed on. */
export function nearMissLines(step: TraceStep, { style, verbose, width }: TextOptions, indent: string): string[] {
  const groups = nearMissGroups(step);
  const shown = verbose > 0 ? groups : groups.slice(0, SHOWN);
  if (shown.length === 0) return [];
  const lines = shown.flatMap((group) => {
    const { miss, alike } = group;
    const more = alike === 0 ? "" : style.dim(` and ${count(alike)} like it`);
    const why = wrap(`failed: ${failure(group, step)}`, width - indent.length - 4);
    return [`${indent}  ${filterLabel(miss.filter)} would ${actionText(miss.filter)}${more}`, ...why.map((line) => `${indent}    ${line}`)];
  });
  const left = groups.slice(shown.length).reduce((sum, { alike }) => sum + alike + 1, 0);
  const rest = left === 0 ? [] : [style.dim(`${indent}  and ${plural(left, "more filter")} (-v shows them)`)];
  return [`${indent}${style.bold("near misses")}`, ...lines, ...rest];
}

/** `profile = private (is public)`. */
function failure({ miss, field }: NearMissGroup, step: TraceStep): string {
  const [first, ...rest] = miss.failed;
  const wants = first === undefined ? "" : conditionText(first, step.layer);
  const more = rest.length === 0 ? "" : ` or ${plural(rest.length, "other value")}`;
  return `${wants}${more}${field === undefined ? "" : ` (is ${valueText(miss.actual, field)})`}`;
}
