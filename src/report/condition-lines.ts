import type { Condition, ConditionResult, FieldValue, Guid, Layer } from "../model/index.ts";
import { actualText, conditionText } from "./condition-text.ts";
import { plural } from "./number-text.ts";
import type { Style } from "./style.ts";

/** More conditions on one field than this are cut short unless everything was asked for. */
const MANY = 8;

export interface ConditionLineOptions {
  readonly style: Style;
  /** Prints all conditions of a long list, and SDDL texts. */
  readonly all: boolean;
}

/** Conditions grouped by field in the order of the filter: fields are AND'ed, conditions on one field OR'ed (WFP-SEMANTICS 2.2). */
function byField<T>(items: readonly T[], keyOf: (item: T) => Guid): T[][] {
  const groups = new Map<Guid, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return [...groups.values()];
}

/** All conditions on one line: `protocol = 6 (tcp); remote address in 10.0.0.0/8 or remote address in 192.168.0.0/16`. */
export function conditionsInline(conditions: readonly Condition[], layer: Layer | undefined): string {
  if (conditions.length === 0) return "always";
  return byField(conditions, (condition) => condition.fieldKey)
    .map((group) => group.map((condition) => conditionText(condition, layer)).join(" or "))
    .join("; ");
}

/** What a filter asks for, one condition a line, joined by "and" and "or". */
export function conditionLines(conditions: readonly Condition[], layer: Layer | undefined, options: ConditionLineOptions): string[] {
  if (conditions.length === 0) return ["none: always matches"];
  return byField(conditions, (condition) => condition.fieldKey).flatMap((group, groupIndex) => {
    const shown = options.all ? group : group.slice(0, MANY);
    const lines = shown.map((condition, index) => {
      const joint = index > 0 ? " or " : groupIndex > 0 ? "and " : "    ";
      return joint + conditionText(condition, layer, options.all);
    });
    const left = group.length - shown.length;
    return left === 0 ? lines : [...lines, options.style.dim(` or ${left} more (-v shows them)`)];
  });
}

const MARK = { true: "yes", false: "no", unknown: "?" } as const;

/**
 * The same with the outcome before each condition and the actual value behind those that fail. Of a long OR list the conditions that hold
 * or may hold come first.
 */
export function conditionResultLines(
  results: readonly ConditionResult[],
  layer: Layer,
  values: readonly FieldValue[],
  options: ConditionLineOptions,
): string[] {
  if (results.length === 0) return ["none: always matches"];
  const { style } = options;
  return byField(results, (result) => result.condition.fieldKey).flatMap((group, groupIndex) => {
    const rank = { true: 0, unknown: 1, false: 2 };
    const shown = options.all || group.length <= MANY ? group : [...group].sort((a, b) => rank[a.truth] - rank[b.truth]).slice(0, MANY);
    const lines = shown.map(({ condition, truth }, index) => {
      const joint = index > 0 ? " or " : groupIndex > 0 ? "and " : "    ";
      const mark = MARK[truth].padEnd(3);
      const painted = truth === "true" ? style.green(mark) : truth === "false" ? style.red(mark) : style.yellow(mark);
      const is = truth === "true" ? "" : style.dim(`  (is ${actualText(condition, layer, values)})`);
      return `${painted} ${joint}${conditionText(condition, layer, options.all)}${is}`;
    });
    const left = group.length - shown.length;
    return left === 0 ? lines : [...lines, style.dim(`     or ${plural(left, "more condition")} that ${left === 1 ? "fails" : "fail"}`)];
  });
}
