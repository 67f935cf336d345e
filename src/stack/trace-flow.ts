import { collectTrace, type FilterEngine, nearMisses } from "../engine/index.ts";
import type { Dependency, FlowSpec, FlowTrace, Layer, TraceStep, WindowsVersion } from "../model/index.ts";
import type { IndicationFacts } from "./facts.ts";
import { observe } from "./observed.ts";
import { discarded, flagNamesOf } from "./shims/indicate.ts";
import type { Shim } from "./shims/shim.ts";
import { SHIMS } from "./shims/shims.ts";
import { type Assumption, assumptionsThatCount } from "./trace/assumption.ts";
import { flowFacts } from "./trace/flow-facts.ts";
import { type Visit, visitsOf } from "./trace/visits.ts";
import { has } from "./versions/features.ts";

export interface TraceFlowOptions {
  readonly windows: WindowsVersion;
  /** Whether somebody listens, for inbound flows; true where absent. */
  readonly listener?: boolean;
  /** Drive letters to NT devices. */
  readonly volumes?: Readonly<Record<string, string>>;
}

/**
 * Takes one connection or message through every layer that this host would indicate it to, in Windows' order, and says who decided. A
 * definite block ends the way; an indeterminate layer does not, for the flow may get past it.
 */
export function traceFlow(engine: FilterEngine, flow: FlowSpec, options: TraceFlowOptions): FlowTrace {
  const { listener = true } = options;
  const { facts, networkInterface, assumptions } = flowFacts(flow, {
    ...options,
    policy: engine.policy,
    interpretation: engine.interpretation,
  });
  const visits = visitsOf(flow, facts.family, networkInterface, {
    listener,
    implicitBindFlag: has("implicitBindFlag", options.windows),
    transportBeforeDiscard: engine.interpretation.transportBeforeDiscard,
  });
  const steps: TraceStep[] = [];
  let isOpen = true;
  for (const visit of visits) {
    const shim = SHIMS[visit.shim];
    const layer = engine.layer(shim.layer[facts.family]);
    if (layer === undefined) continue;
    if (!isOpen) {
      steps.push(unreached(visit, layer));
      continue;
    }
    const here = { ...facts, ...visit.facts };
    const step = classify(engine, visit, shim, layer, here);
    steps.push(step);
    if (step.decision?.verdict !== "block") continue;
    isOpen = false;
    const twin = layer.discardLayer === null ? undefined : engine.layer(layer.discardLayer);
    if (twin !== undefined && !step.decision.absorbed) steps.push(classify(engine, visit, shim, twin, discarded(here)));
  }
  const counting = assumptionsThatCount([...listening(flow, listener), ...assumptions], engine.policy, steps, facts.overrides);
  return { flow, assumptions: counting, steps, ...conclude(flow, steps, listener) };
}

function listening(flow: FlowSpec, listener: boolean): readonly Assumption[] {
  if (flow.direction === "out" || flow.protocol === 1 || flow.protocol === 58) return [];
  const port = flow.localPort === undefined ? "the port" : `port ${flow.localPort}`;
  return [{ fields: [], text: listener ? `a program listens on ${port}` : `no program listens on ${port}` }];
}

function classify(engine: FilterEngine, visit: Visit, shim: Shim, layer: Layer, facts: IndicationFacts): TraceStep {
  const values = shim.values(facts, layer);
  const collected = collectTrace(engine, layer, values, { metadata: shim.metadata(facts, layer) }, { filters: true });
  return {
    event: visit.event,
    direction: visit.direction,
    layer,
    values,
    flags: flagNamesOf(layer, values),
    reached: true,
    ...collected,
    nearMisses: nearMisses(collected.filters, collected.decision, layer, values),
  };
}

function unreached({ event, direction }: Visit, layer: Layer): TraceStep {
  return { event, direction, layer, values: [], flags: [], reached: false, decision: null, subLayers: [], filters: [], nearMisses: [] };
}

function conclude(
  flow: FlowSpec,
  steps: readonly TraceStep[],
  listener: boolean,
): Pick<FlowTrace, "verdict" | "code" | "decisive" | "dependsOn" | "observed"> {
  const judged = steps.filter((step) => step.decision !== null);
  const blocked = judged.find(({ decision }) => decision?.verdict === "block");
  const open = judged.find(({ decision }) => decision?.verdict === "indeterminate");
  const authorization = judged.find(({ layer }) => /ALE_AUTH_(CONNECT|RECV_ACCEPT)_V[46]$/.test(layer.name));
  const reaction = judged.find(({ layer }) => layer.discardOf !== null);
  const decisive = blocked ?? open ?? authorization ?? reaction ?? judged.at(-1) ?? null;
  const verdict = blocked !== undefined ? "block" : open !== undefined ? "indeterminate" : "permit";
  return {
    verdict,
    code: decisive?.decision?.code ?? "NO_MATCH_PERMIT",
    decisive,
    dependsOn: dependencies(judged),
    observed: observe(flow, verdict, decisive, listener),
  };
}

/** Everything that some layer's verdict depends on, each once. */
function dependencies(steps: readonly TraceStep[]): readonly Dependency[] {
  const found = new Map<string, Dependency>();
  for (const { decision } of steps) {
    if (decision?.verdict !== "indeterminate") continue;
    for (const dependency of decision.dependsOn) {
      found.set(dependency.kind === "field" ? dependency.fieldKey : `${dependency.calloutKey} ${dependency.filterId}`, dependency);
    }
  }
  return [...found.values()];
}
