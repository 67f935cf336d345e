import type { NearMiss, TraceStep } from "../model/index.ts";
import { conditionText, valueText } from "./condition-text.ts";
import { actionText, filterLabel } from "./filter-label.ts";
import { wrap } from "./labelled.ts";
import { count, plural } from "./number-text.ts";
import type { TextOptions } from "./text-options.ts";

const SHOWN = 5;

/**
 * How likely a filter that failed on this field is the one that was meant: most rules are missed for the profile, then for the place; a rule
 * for another protocol or another program was hardly meant.
 */
function rankOf(field: string): number {
  if (/PROFILE_ID$/.test(field)) return 0;
  if (/ADDRESS|PORT|INTERFACE|TUNNEL/.test(field)) return 1;
  return /^ALE_(ORIGINAL_)?APP_ID$|USER_ID$|PACKAGE/.test(field) ? 3 : 2;
}

/** The near misses of a layer: the likely ones first, rules of one name that failed on one field once. */
export function nearMissLines(step: TraceStep, { style, verbose, width }: TextOptions, indent: string): string[] {
  const groups = grouped(step);
  const shown = verbose > 0 ? groups : groups.slice(0, SHOWN);
  if (shown.length === 0) return [];
  const lines = shown.flatMap(({ miss, alike }) => {
    const more = alike === 0 ? "" : style.dim(` and ${count(alike)} like it`);
    const why = wrap(`failed: ${failure(miss, step)}`, width - indent.length - 4);
    return [`${indent}  ${filterLabel(miss.filter)} would ${actionText(miss.filter)}${more}`, ...why.map((line) => `${indent}    ${line}`)];
  });
  const left = groups.slice(shown.length).reduce((sum, { alike }) => sum + alike + 1, 0);
  const rest = left === 0 ? [] : [style.dim(`${indent}  and ${plural(left, "more filter")} (-v shows them)`)];
  return [`${indent}${style.bold("near misses")}`, ...lines, ...rest];
}

interface MissGroup {
  readonly miss: NearMiss;
  alike: number;
}

function grouped(step: TraceStep): MissGroup[] {
  const groups = new Map<string, MissGroup>();
  for (const miss of step.nearMisses) {
    const key = `${miss.filter.name}\n${fieldOf(miss, step)?.name}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { miss, alike: 0 });
    else group.alike++;
  }
  const rank = ({ miss }: MissGroup) => rankOf(fieldOf(miss, step)?.name ?? "");
  return [...groups.values()].sort((a, b) => rank(a) - rank(b));
}

function fieldOf({ failed }: NearMiss, { layer }: TraceStep) {
  return layer.fields.find((candidate) => candidate.key === failed[0]?.fieldKey);
}

/** `profile = private (is public)`. */
function failure(miss: NearMiss, step: TraceStep): string {
  const field = fieldOf(miss, step);
  const [first, ...rest] = miss.failed;
  const wants = first === undefined ? "" : conditionText(first, step.layer);
  const more = rest.length === 0 ? "" : ` or ${plural(rest.length, "other value")}`;
  return `${wants}${more}${field === undefined ? "" : ` (is ${valueText(miss.actual, field)})`}`;
}
