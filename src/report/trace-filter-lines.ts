import type { FilterResult, TraceStep } from "../model/index.ts";
import { conditionResultLines } from "./condition-lines.ts";
import { actualText, conditionText } from "./condition-text.ts";
import { actionText, filterLabel, weightText } from "./filter-label.ts";
import type { TextOptions } from "./text-options.ts";

/**
 * The filters of one layer in the order of evaluation. Those that match, may match, or missed by one field have their conditions one by
 * one; the others, asked for with -vv, a line with the first condition that failed.
 */
export function traceFilterLines(step: TraceStep, { style, verbose }: TextOptions, indent: string): string[] {
  const near = new Set(step.nearMisses.map((miss) => miss.filter));
  return step.filters.flatMap((result) => {
    const close = result.consulted && (result.truth !== "false" || near.has(result.filter));
    if (!close && verbose < 2) return [];
    const { filter } = result;
    const head = `${indent}${mark(result)} ${filterLabel(filter)} ${actionText(filter)}  ${style.dim(`weight ${weightText(filter.effectiveWeight)}`)}`;
    if (!close) return [`${head}${style.dim(firstFailure(result, step))}`];
    const lines = conditionResultLines(result.conditions, step.layer, step.values, { style, all: verbose > 1 });
    return [head, ...lines.map((line) => `${indent}    ${line}`)];
  });
}

function mark(result: FilterResult): string {
  if (!result.consulted) return "not asked";
  return result.truth === "true" ? "matches  " : result.truth === "unknown" ? "may match" : "fails    ";
}

function firstFailure(result: FilterResult, step: TraceStep): string {
  if (!result.consulted) return "  a filter above it had ended the sublayer";
  // Conditions on one field are OR'ed: a failed one means something only where the whole field failed.
  const failed = result.conditions.find(({ condition }) =>
    result.conditions.every((other) => other.condition.fieldKey !== condition.fieldKey || other.truth === "false"),
  );
  if (failed === undefined) return "";
  const { condition } = failed;
  return `  failed: ${conditionText(condition, step.layer)} (is ${actualText(condition, step.layer, step.values)})`;
}
