import type { ConditionResult } from "./classify.ts";
import type { Filter } from "./filter.ts";
import type { Layer } from "./layer.ts";
import type { RecordedVerdict } from "./recorded-event.ts";
import type { FieldValue } from "./value.ts";

/** Records of `wfplab verify`: what Windows recorded beside what the model says. */

/**
 * "exact": the facts recorded leave one filter, and it is the recorded one. "compatible": unknown facts leave several, the recorded one
 * among them. "contradiction": the recorded one is not among them. "unresolvable": the policy does not tell what to compare with.
 */
export type VerifyClass = "exact" | "compatible" | "contradiction" | "unresolvable";

/** Why a verdict has nothing to be compared with. */
export type UnresolvableCause =
  /** The policy has no filter with this id, at no time that it covers. */
  | "no-such-filter"
  /** The id belongs to a filter of another layer: numbers of an earlier start of Windows. */
  | "other-layer"
  /** No policy of this computer is known. */
  | "no-policy"
  /** The layer is not one that the model knows, or the event names none. */
  | "unknown-layer";

/** Why the recorded filter cannot have decided, as far as the model sees. */
export interface Contradiction {
  readonly summary: string;
  /** Every condition of the recorded filter; empty where it was not active at that time. */
  readonly conditions: readonly ConditionResult[];
  /** What the layer's fields had. */
  readonly values: readonly FieldValue[];
  /** Filters that come before it and match. */
  readonly stronger: readonly Filter[];
}

/** Filters of equal weight in one sublayer that all match what was recorded. */
export interface VerifyTie {
  readonly weight: bigint;
  /** By descending filter id; the recorded filter is one of them. */
  readonly filters: readonly Filter[];
  readonly recorded: bigint;
}

/** Something learned from other events of the log. */
export interface LearnedFact {
  readonly what: "profile" | "user" | "package" | "service";
  readonly about: string;
  readonly value: string;
  readonly line: number;
}

/** One recorded verdict, recomputed. */
export interface VerifiedEvent {
  readonly verdict: RecordedVerdict;
  readonly layer: Layer | null;
  /** null for verdicts that name no filter: only permit or block can be compared. */
  readonly result: VerifyClass | null;
  /** The recorded filter. */
  readonly filter: Filter | null;
  /** Filters that may decide, in order of evaluation; null is "no filter matches". Empty where nothing was computed. */
  readonly candidates: readonly (Filter | null)[];
  /** What the model says of permit and block: "open" where unknown facts decide. */
  readonly action: "agrees" | "open" | "differs" | "not-judged";
  /** How many of the candidates lead to the recorded permit or block. */
  readonly fitting: number;
  readonly cause: UnresolvableCause | null;
  readonly contradiction: Contradiction | null;
  readonly tie: VerifyTie | null;
  /** Names of fields that were not known and matter. */
  readonly unknown: readonly string[];
  readonly learned: readonly LearnedFact[];
  /** Records between the verdict and the moment whose policy was used: the log tells of filters late. */
  readonly lag: number;
  /** Of net events: each sublayer's terminating filter. */
  readonly subLayers: readonly VerifiedSubLayer[];
}

export interface VerifiedSubLayer {
  readonly filterId: bigint;
  readonly subLayer: string;
  readonly action: "permit" | "block";
  readonly result: VerifyClass;
  /** How many filters may end this sublayer. */
  readonly candidates: number;
}

export interface VerifySummary {
  /** Verdicts compared, with or without a filter. */
  readonly events: number;
  readonly withFilter: number;
  readonly exact: number;
  readonly compatible: number;
  /** Of those: the recorded filter is the only candidate that can have led to what was recorded. */
  readonly onlyFit: number;
  readonly contradiction: number;
  readonly unresolvable: number;
  /** Verdicts that name no filter, by what the model says of permit and block. */
  readonly unnamed: { readonly agrees: number; readonly open: number; readonly differs: number; readonly notJudged: number };
  readonly byCause: ReadonlyMap<UnresolvableCause, number>;
  /** Verdicts with a tie, and where the recorded filter stands in it. */
  readonly ties: { readonly total: number; readonly newest: number; readonly oldest: number; readonly between: number };
  /** Verdicts of computers whose policy the log does not hold; not compared. */
  readonly otherHosts: ReadonlyMap<string, number>;
  readonly hosts: readonly string[];
  readonly learned: readonly LearnedFact[];
}

export interface VerifyReport {
  readonly source: string;
  /** What the verdicts were compared with. */
  readonly policy: string;
  readonly events: readonly VerifiedEvent[];
  readonly summary: VerifySummary;
}
