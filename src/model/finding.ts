import type { Filter } from "./filter.ts";
import type { Layer } from "./layer.ts";

/** What is odd about a filter as it stands among the others (docs/shadow.md). */
export type ShadowKind =
  /** No packet has what its conditions ask for. */
  | "impossible"
  /** Filters that are asked before decide all that it matches. */
  | "shadowed"
  /** Higher sublayers have decided for good all that it matches. */
  | "overruled"
  /** Without it the next filters would decide the same. */
  | "redundant"
  /** Another filter of the same weight matches some of the same packets and decides otherwise: which is newer decides. */
  | "tie"
  /** The budget did not suffice. */
  | "unsettled";

export interface ShadowFinding {
  readonly kind: ShadowKind;
  readonly filter: Filter;
  readonly layer: Layer;
  readonly subLayerName: string;
  /** The filters that are to blame, in the order in which they are asked; the first few of them. */
  readonly by: readonly Filter[];
  /** The firewall rule that the filter was made of: its id, or its name where nobody recorded the id. */
  readonly rule: string | null;
  /** Whether Windows makes the filter by itself. */
  readonly isOwn: boolean;
}

/** A firewall rule as a whole: one of the two holds for every filter by which it could let traffic through or stop it. */
export interface ShadowRule {
  readonly kind: "never-decides" | "redundant";
  readonly rule: string;
  readonly name: string;
  readonly filters: readonly Filter[];
  /** Filters that are to blame, one for each name. */
  readonly by: readonly Filter[];
}

export interface ShadowResult {
  readonly findings: readonly ShadowFinding[];
  readonly rules: readonly ShadowRule[];
  /** Layers for which the budget did not suffice to tell overruled and redundant filters and ties. */
  readonly incomplete: readonly Layer[];
  readonly filters: number;
  readonly layers: number;
  readonly nodes: number;
}

export type LintSeverity = "error" | "warning" | "note";

/** One finding of `lint`. */
export interface LintFinding {
  /** Id of the check, as in docs/lint.md: `WFP003`. */
  readonly id: string;
  readonly severity: LintSeverity;
  readonly message: string;
  readonly filter: Filter | null;
  /** Filters that it is about too. */
  readonly related: readonly Filter[];
  readonly line: number | null;
}
