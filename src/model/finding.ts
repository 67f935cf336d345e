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
  /** The filters that are to blame, in the order in which they are asked. */
  readonly by: readonly Filter[];
}

export interface ShadowResult {
  readonly findings: readonly ShadowFinding[];
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
