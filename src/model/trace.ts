import type { Decision, DecisionCode, Dependency, FilterResult, SubLayerResult, Verdict } from "./classify.ts";
import type { Condition, Filter } from "./filter.ts";
import type { FlowSpec } from "./flow.ts";
import type { Layer } from "./layer.ts";
import type { EventName } from "./records.ts";
import type { FieldValue } from "./value.ts";

/** A filter of the opposite action that failed on the conditions of a single field. */
export interface NearMiss {
  readonly filter: Filter;
  /** The failed conditions, all on one field. */
  readonly failed: readonly Condition[];
  readonly actual: FieldValue;
}

/** One layer visit of a traced flow. */
export interface TraceStep {
  readonly event: EventName;
  readonly direction: "inbound" | "outbound";
  readonly layer: Layer;
  readonly values: readonly FieldValue[];
  readonly flags: readonly string[];
  /** False for layers that a block above kept the flow from reaching; they have no decision. */
  readonly reached: boolean;
  readonly decision: Decision | null;
  readonly subLayers: readonly SubLayerResult[];
  /** Every filter of the layer, in order of evaluation. */
  readonly filters: readonly FilterResult[];
  readonly nearMisses: readonly NearMiss[];
}

/** The answer of `wfplab trace`. */
export interface FlowTrace {
  readonly flow: FlowSpec;
  /** What was taken for granted, e.g. "a listener exists on port 445". */
  readonly assumptions: readonly string[];
  readonly steps: readonly TraceStep[];
  readonly verdict: Verdict;
  readonly code: DecisionCode;
  /** The step that decided: the first block, or the first indeterminate one, or the last ALE authorization. */
  readonly decisive: TraceStep | null;
  /** What the layers' verdicts depend on. The flow's own may be certain all the same: a later layer blocks whatever the earlier decide. */
  readonly dependsOn: readonly Dependency[];
  readonly observed: { readonly application: string; readonly peer: string };
}
