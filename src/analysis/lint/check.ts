import type { FilterEngine } from "../../engine/index.ts";
import type { Filter, LintFinding, LintSeverity, Policy } from "../../model/index.ts";
import { isWindowsOwn } from "../findings/filter-makers.ts";

/** What a check looks at. */
export interface LintContext {
  readonly policy: Policy;
  readonly engine: FilterEngine;
  /** Filters that classify once the engine has started. */
  readonly filters: readonly Filter[];
  readonly maxNodes?: number;
}

/** One thing that may be wrong with a policy (docs/lint.md). */
export interface LintCheck {
  readonly id: string;
  /** Short, as in SARIF's rule names: `HardPermit`. */
  readonly name: string;
  readonly severity: LintSeverity;
  readonly title: string;
  /** Why it matters or what to do about it, in a sentence or two. */
  readonly advice: string;
  readonly run: (context: LintContext) => readonly Finding[];
}

/** A finding without what the check knows. */
export interface Finding {
  readonly message: string;
  readonly filter: Filter | null;
  readonly related?: readonly Filter[];
  /** Where it is not the check's. */
  readonly severity?: LintSeverity;
}

/** What a check found. About filters that Windows makes by itself there are notes only: nobody here can mend them. */
export function findingsOf(check: LintCheck, context: LintContext): LintFinding[] {
  return check.run(context).map(({ message, filter, related = [], severity = check.severity }) => ({
    id: check.id,
    severity: filter !== null && isWindowsOwn(filter) ? "note" : severity,
    message,
    filter,
    related,
    line: filter?.line ?? null,
  }));
}
