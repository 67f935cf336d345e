import type { FilterEngine } from "../../engine/index.ts";
import { FILTER_FLAG, type LintFinding } from "../../model/index.ts";
import { findingsOf, type LintCheck, type LintContext } from "./check.ts";
import { CONDITION_CHECKS } from "./condition-checks.ts";
import { OBJECT_CHECKS } from "./object-checks.ts";
import { OVERRIDE_CHECKS } from "./override-checks.ts";
import { SHADOW_CHECKS } from "./shadow-checks.ts";

/** Every check there is, by id. */
export const LINT_CHECKS: readonly LintCheck[] = [...CONDITION_CHECKS, ...OVERRIDE_CHECKS, ...OBJECT_CHECKS, ...SHADOW_CHECKS];

export interface LintOptions {
  readonly maxNodes?: number;
  /** Only these checks. */
  readonly only?: (check: LintCheck) => boolean;
  readonly onCheck?: (done: number, of: number) => void;
}

const RANK = { error: 0, warning: 1, note: 2 } as const;

/** What may be wrong with a policy, the worst first. */
export function lintPolicy(engine: FilterEngine, { maxNodes, only = () => true, onCheck }: LintOptions = {}): readonly LintFinding[] {
  const { policy } = engine;
  const filters = policy.filters.filter(({ flags }) => (flags & (FILTER_FLAG.DISABLED | FILTER_FLAG.BOOTTIME)) === 0);
  const context: LintContext = { policy, engine, filters, ...(maxNodes === undefined ? {} : { maxNodes }) };
  const checks = LINT_CHECKS.filter(only);
  const findings = checks.flatMap((check, index) => {
    const found = findingsOf(check, context);
    onCheck?.(index + 1, checks.length);
    return found;
  });
  return findings.sort((a, b) => RANK[a.severity] - RANK[b.severity] || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
}
