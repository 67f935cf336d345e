import type { InputPosition } from "./errors.ts";
import type { Filter } from "./filter.ts";
import type { Policy } from "./policy.ts";
import type { FlowTrace } from "./trace.ts";

export type TestStatus = "passed" | "failed" | "indeterminate" | "skipped";

/**
 * How far an answer reaches: "proved" for every packet of the flows; "witnesses" for the ones tried; "run" for one play of a scenario.
 */
export type TestReach = "proved" | "witnesses" | "run";

/** One thing that is not as expected. */
export interface SuiteFinding {
  readonly status: "failed" | "indeterminate";
  /** One sentence: expected what, found what. */
  readonly message: string;
  /** The flow that shows it, and the answer for it; null for scenarios. */
  readonly trace: FlowTrace | null;
  /** How many more parts of the flows show the same. */
  readonly alike: number;
  /** Rules without filters that would give the flow another verdict, were they in force. */
  readonly idle?: readonly IdleRule[];
}

/** A firewall rule that is not in force. */
export interface IdleRule {
  readonly name: string;
  /** A sentence without its full stop. */
  readonly why: string;
  /** `file:line`, where it was read from a file. */
  readonly place: string | null;
}

export interface TestResult {
  readonly suite: string;
  readonly name: string;
  readonly position: InputPosition;
  readonly source: string | null;
  readonly policy: string;
  readonly status: TestStatus;
  readonly reach: TestReach;
  /** Parts that have one answer each: classes of packets, or lines of a scenario's record that were looked for. */
  readonly judged: number;
  readonly findings: readonly SuiteFinding[];
  readonly assumptions: readonly string[];
  /** Why it was skipped. */
  readonly reason: string | null;
  /** Wall-clock seconds, where somebody measured them. */
  readonly seconds: number | null;
}

/** Verdicts that differ between the baseline's policy and the present one. */
export interface BaselineChange {
  readonly test: string;
  readonly suite: string;
  readonly before: FlowTrace;
  readonly after: FlowTrace;
}

/** Which filters of one policy decided in a run, and for which flows. */
export interface PolicyCoverage {
  readonly policy: Policy;
  readonly exercised: readonly { readonly filter: Filter; readonly tests: readonly string[]; readonly flow: string }[];
  /** Filters that decided nothing. */
  readonly idle: readonly Filter[];
}

export interface SuiteRun {
  readonly results: readonly TestResult[];
  readonly baseline: { readonly name: string; readonly changes: readonly BaselineChange[]; readonly compared: number } | null;
  readonly coverage: readonly PolicyCoverage[] | null;
}
