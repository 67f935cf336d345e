import type { Filter } from "./filter.ts";
import type { FlowSpec } from "./flow.ts";
import type { Layer } from "./layer.ts";
import type { FlowTrace } from "./trace.ts";

/** Values of one field in an answer, in words: `445, 3389`, `10.0.0.0/8`. */
export interface AnswerField {
  readonly name: string;
  readonly text: string;
}

/** Flows that an answer holds for, as a product of values; fields that are not there may be anything. */
export interface AnswerClass {
  /** What is said of the class by the question: direction, protocol, family, profile. */
  readonly heading: string;
  readonly fields: readonly AnswerField[];
  /** Other fields by which flows of the class differ: the answer holds for some of their values. Absent where it holds for all. */
  readonly dependsOn?: readonly string[];
  /** With `dependsOn`: the answer holds for all of the class that come from desktop programs of accounts that no filter singles out. */
  readonly isUsual?: boolean;
}

/** A flow that shows an answer, and what `trace` says of it. */
export interface Witness {
  readonly flow: FlowSpec;
  readonly trace: FlowTrace;
}

/** How sure an answer is: proved for all flows, or not settled within the budget. */
export type Certainty = "proved" | "bounded";

/** Sizes of what an answer was found with. */
export interface QuestionCost {
  readonly nodes: number;
  readonly cases: number;
  readonly seconds: number;
}

/** What `search` found for one part of its question. */
export interface SearchAnswer {
  readonly heading: string;
  readonly classes: readonly AnswerClass[];
  /** There are more classes than are listed. */
  readonly more: boolean;
  readonly witness: Witness;
  /** Between two hosts: the same flow as the sender sees it. */
  readonly sent?: Witness;
  /** The filter that a reader wants to hear of: a rule's rather than a default's. */
  readonly decidedBy: Filter | null;
}

export interface SearchResult {
  readonly question: string;
  readonly verdict: "permit" | "block" | "indeterminate" | null;
  /** The filter that must decide; null for any. */
  readonly decidedBy: string | null;
  readonly answers: readonly SearchAnswer[];
  readonly certainty: Certainty;
  /** Parts of the question that the budget did not suffice for. */
  readonly unsettled: readonly string[];
  /** Cases in which there is such a flow; several may be one answer. */
  readonly found: number;
  /** What was taken for granted of every flow that was asked about. */
  readonly assumptions: readonly string[];
  readonly cost: QuestionCost;
}

/** Flows that two policies treat differently. */
export interface DiffAnswer {
  readonly heading: string;
  readonly change: "gained" | "lost" | "opened" | "settled";
  readonly classes: readonly AnswerClass[];
  readonly more: boolean;
  readonly before: Witness;
  readonly after: Witness;
  /** Who decides for the witness. */
  readonly decidedBefore: Filter | null;
  readonly decidedAfter: Filter | null;
}

/** A filter of one policy and its counterpart in the other. */
export interface FilterChange {
  readonly kind: "added" | "removed" | "changed";
  readonly before: Filter | null;
  readonly after: Filter | null;
  /** What is different, for a changed one. */
  readonly differences: readonly string[];
  /** The filter's layer, with the fields that its conditions are about; null where the policy does not have it. */
  readonly layer: Layer | null;
}

export interface DiffResult {
  readonly before: string;
  readonly after: string;
  readonly flows: readonly DiffAnswer[];
  readonly filters: readonly FilterChange[];
  /** Filters that are alike, by key and by shape. */
  readonly sameKey: number;
  readonly sameShape: number;
  readonly certainty: Certainty;
  readonly unsettled: readonly string[];
  readonly cost: QuestionCost;
}

/** The class around a flow that provably has its verdict: values of fields, any for those that are not listed. */
export interface HoldsFor {
  readonly fields: readonly AnswerField[];
  readonly nodes: number;
}

/** A change of one field that changes a flow's verdict. */
export interface FlowFlip {
  readonly field: string;
  /** All values of the field that would do it. */
  readonly text: string;
  /** One of them, traced. */
  readonly trace: FlowTrace;
  /** Who decides then: a rule's filter rather than a default's. */
  readonly decidedBy: Filter | null;
}

/** A filter without which a flow's verdict is another one. */
export interface PolicyFlip {
  readonly filter: Filter;
  readonly trace: FlowTrace;
  /** Who decides without it. */
  readonly decidedBy: Filter | null;
}
