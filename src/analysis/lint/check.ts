import type { FilterEngine } from "../../engine/index.ts";
import { type Filter, type Guid, type LintFinding, type LintSeverity, type Policy, PROVIDER_KEY } from "../../model/index.ts";

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
  readonly run: (context: LintContext) => readonly Finding[];
}

/** A finding without what the check knows. */
export interface Finding {
  readonly message: string;
  readonly filter: Filter | null;
  readonly related?: readonly Filter[];
}

/** Providers that come with Windows: what is odd about their filters nobody here can mend. */
export const WINDOWS_OWN: ReadonlySet<Guid> = new Set(Object.values(PROVIDER_KEY));

export function findingsOf(check: LintCheck, context: LintContext): LintFinding[] {
  return check.run(context).map(({ message, filter, related = [] }) => ({
    id: check.id,
    severity: isWindowsOwn(filter) ? "note" : check.severity,
    message,
    filter,
    related,
    line: filter?.line ?? null,
  }));
}

export function isWindowsOwn(filter: Filter | null): boolean {
  return filter?.providerKey != null && WINDOWS_OWN.has(filter.providerKey);
}
