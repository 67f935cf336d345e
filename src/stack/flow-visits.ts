import type { FilterEngine } from "../engine/index.ts";
import type { EventName, FieldValue, FlowSpec, Layer } from "../model/index.ts";
import { SHIMS } from "./shims/shims.ts";
import { flowFacts } from "./trace/flow-facts.ts";
import { visitsOf } from "./trace/visits.ts";
import type { TraceFlowOptions } from "./trace-flow.ts";
import { has } from "./versions/features.ts";

/** One layer on a flow's way, with the values that are indicated there; what the flow leaves open is unknown. */
export interface FlowVisit {
  readonly event: EventName;
  readonly direction: "inbound" | "outbound";
  readonly layer: Layer;
  readonly values: readonly FieldValue[];
}

/** The layers a flow visits, as `traceFlow` would, and what each is shown: for those who classify many flows at once. */
export function flowVisits(engine: FilterEngine, flow: FlowSpec, options: TraceFlowOptions): readonly FlowVisit[] {
  const { facts, networkInterface } = flowFacts(flow, { ...options, policy: engine.policy, interpretation: engine.interpretation });
  const visits = visitsOf(flow, facts.family, networkInterface, {
    listener: options.listener ?? true,
    implicitBindFlag: has("implicitBindFlag", options.windows),
    transportBeforeDiscard: engine.interpretation.transportBeforeDiscard,
  });
  return visits.flatMap((visit) => {
    const shim = SHIMS[visit.shim];
    const layer = engine.layer(shim.layer[facts.family]);
    if (layer === undefined) return [];
    return [{ event: visit.event, direction: visit.direction, layer, values: shim.values({ ...facts, ...visit.facts }, layer) }];
  });
}
