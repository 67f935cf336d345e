import type { Condition, Filter } from "./filter.ts";
import type { Guid } from "./guid.ts";

/** Three values: what cannot be known is said. */
export type Verdict = "permit" | "block" | "indeterminate";

/** Stable reason of a verdict; each has a page in docs/codes.md. */
export type DecisionCode =
  | "NO_MATCH_PERMIT"
  | "FILTER_PERMIT"
  | "FILTER_BLOCK"
  | "CALLOUT_PERMIT"
  | "CALLOUT_BLOCK"
  | "CALLOUT_VETO"
  | "CALLOUT_ABSORB"
  | "CALLOUT_UNREGISTERED_BLOCK"
  | "CALLOUT_UNREGISTERED_PERMIT"
  | "INDETERMINATE_CALLOUT"
  | "INDETERMINATE_FIELD"
  | "INDETERMINATE_CALLOUT_AND_FIELD";

/** Something a verdict depends on and nobody told. */
export type Dependency =
  | {
      readonly kind: "callout";
      readonly calloutKey: Guid;
      readonly calloutName: string;
      readonly filterId: bigint;
      readonly filterName: string;
    }
  | { readonly kind: "field"; readonly fieldKey: Guid; readonly field: string };

/** Whether lower sublayers may change the decision: soft they may, hard only a callout's veto can. */
export type Rights = "soft" | "hard";

export type CalloutResult = "permit" | "block" | "continue";

/** What one sublayer had to say. */
export interface SubLayerResult {
  readonly subLayerKey: Guid;
  readonly subLayerName: string;
  readonly weight: number;
  /** Filters of this sublayer at this layer, and how many were found to match before the walk ended. */
  readonly filters: number;
  /** The terminating filter; null where none matched. "indeterminate" lists its candidates in `candidates`. */
  readonly filter: Filter | null;
  readonly action: "permit" | "block" | "continue" | "indeterminate";
  /** Rights the result leaves. */
  readonly rights: Rights | null;
  /** State before and after this sublayer was merged: none, then e.g. soft permit. */
  readonly before: ArbitrationState;
  readonly after: ArbitrationState;
  /** Filters that may decide, in order, when it is not known which: `action` is "indeterminate", or they agree on it. */
  readonly candidates: readonly Filter[];
  readonly vetoed: boolean;
}

export interface ArbitrationState {
  readonly action: "none" | "permit" | "block" | "indeterminate";
  readonly rights: Rights;
}

/** One way an indeterminate classification can end. */
export interface Alternative {
  readonly verdict: "permit" | "block";
  readonly code: DecisionCode;
  readonly filter: Filter | null;
}

/** The result of one classification. */
export interface Decision {
  readonly verdict: Verdict;
  readonly code: DecisionCode;
  /** The filter that made the winning decision: of the highest sublayer that decided so. */
  readonly filter: Filter | null;
  /** BLOCK with ABSORB: dropped without discard layer, event or audit. */
  readonly absorbed: boolean;
  /**
   * Every way it can end, where there is more than one: always for "indeterminate"; with a definite verdict the ends differ in filter
   * or code only, and `filter` is the last in the order of evaluation, which decides if no unknown condition above it holds.
   */
  readonly alternatives: readonly Alternative[];
  readonly dependsOn: readonly Dependency[];
}

/** Kleene truth of a condition or of a filter's match. */
export type Truth = "true" | "false" | "unknown";

export interface ConditionResult {
  readonly condition: Condition;
  readonly truth: Truth;
}

/** What became of one filter in one classification. */
export interface FilterResult {
  readonly filter: Filter;
  /** AND over the fields of the OR over each field's conditions. */
  readonly truth: Truth;
  /** Every condition, in the filter's order. */
  readonly conditions: readonly ConditionResult[];
  /** False where a filter above it had already ended the sublayer, so that it was not consulted. */
  readonly consulted: boolean;
}
