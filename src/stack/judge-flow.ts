import type { FilterEngine } from "../engine/index.ts";
import { CONDITION_FLAG, type Decision, type EventName, type FlowSpec, type Layer, REAUTHORIZE_REASON } from "../model/index.ts";
import type { IndicationFacts } from "./facts.ts";
import { SHIMS } from "./shims/shims.ts";
import { flowFacts } from "./trace/flow-facts.ts";
import { visitsOf } from "./trace/visits.ts";
import type { TraceFlowOptions } from "./trace-flow.ts";
import { has } from "./versions/features.ts";

/** One layer of a judged flow. */
export interface JudgedStep {
  readonly event: EventName;
  readonly direction: "inbound" | "outbound";
  readonly layer: Layer;
  readonly decision: Decision;
}

/** The layers of a flow up to the one that blocks it, without the reasons that `traceFlow` collects. */
export interface FlowJudgment {
  readonly steps: readonly JudgedStep[];
  /** The step that blocks, else the first that is indeterminate, else the authorization, else the last. */
  readonly decisive: JudgedStep | null;
  readonly verdict: Decision["verdict"];
}

/** The decision of a layer without filters. */
const UNFILTERED: Decision = { verdict: "permit", code: "NO_MATCH_PERMIT", filter: null, absorbed: false, alternatives: [], dependsOn: [] };

const AUTHORIZATION = /ALE_AUTH_(CONNECT|RECV_ACCEPT)_V[46]$/;

/**
 * The verdict of `traceFlow` for those who have many flows: the same layers, facts and evaluator without a trace of every filter.
 * Binding is left out: what is on the wire was bound.
 */
export function judgeFlow(engine: FilterEngine, flow: FlowSpec, options: TraceFlowOptions): FlowJudgment {
  const { facts, networkInterface } = factsFor(engine, flow, options);
  const visits = visitsOf(flow, facts.family, networkInterface, {
    listener: options.listener ?? true,
    implicitBindFlag: has("implicitBindFlag", options.windows),
    transportBeforeDiscard: engine.interpretation.transportBeforeDiscard,
  });
  const steps: JudgedStep[] = [];
  for (const visit of visits) {
    if (visit.event === "bind") continue;
    const step = classify(engine, SHIMS[visit.shim], visit, { ...facts, ...visit.facts });
    if (step === null) continue;
    steps.push(step);
    if (step.decision.verdict === "block") break;
  }
  return conclude(steps);
}

/** The reauthorization of a flow after its policy changed: the layer that authorized it, once more (WFP-SHIMS 4.6). */
export function judgeReauthorization(engine: FilterEngine, flow: FlowSpec, options: TraceFlowOptions): FlowJudgment {
  const { facts, networkInterface } = factsFor(engine, flow, options);
  const inbound = flow.direction === "in";
  const step = classify(
    engine,
    inbound ? SHIMS.authRecvAccept : SHIMS.authConnect,
    { event: flow.protocol === 6 ? "TCP segment" : "UDP message", direction: inbound ? "inbound" : "outbound" },
    {
      ...facts,
      arrivalInterface: inbound ? networkInterface : null,
      nexthopInterface: inbound ? null : networkInterface,
      flags: facts.flags | CONDITION_FLAG.IS_REAUTHORIZE,
      reauthorizeReason: REAUTHORIZE_REASON.POLICY_CHANGE,
    },
  );
  return conclude(step === null ? [] : [step]);
}

/** A kind of packet of an established flow. */
export interface LaterPacket {
  readonly direction: "inbound" | "outbound";
  /** Whether it carries anything for the program: then STREAM or DATAGRAM_DATA sees it too. */
  readonly hasData: boolean;
}

/** A later packet of an established flow: the packet layers of its direction. */
export function judgePacket(
  engine: FilterEngine,
  flow: FlowSpec,
  { direction, hasData }: LaterPacket,
  options: TraceFlowOptions,
): FlowJudgment {
  const { facts, networkInterface } = factsFor(engine, flow, options);
  const isTcp = flow.protocol === 6;
  const data = isTcp ? SHIMS.stream : SHIMS.datagramData;
  const own = hasData ? [data] : [];
  const order =
    direction === "inbound"
      ? [SHIMS.inboundIppacket, SHIMS.inboundTransport, ...own]
      : [...own, SHIMS.outboundTransport, SHIMS.outboundIppacket];
  const here: IndicationFacts = {
    ...facts,
    direction,
    arrivalInterface: direction === "inbound" ? networkInterface : null,
    nexthopInterface: direction === "inbound" ? null : networkInterface,
  };
  const steps: JudgedStep[] = [];
  for (const shim of order) {
    const event: EventName = shim === data && isTcp ? "data" : isTcp ? "TCP segment" : "UDP message";
    const step = classify(engine, shim, { event, direction }, here);
    if (step === null) continue;
    steps.push(step);
    if (step.decision.verdict === "block") break;
  }
  return conclude(steps);
}

function factsFor(engine: FilterEngine, flow: FlowSpec, options: TraceFlowOptions): ReturnType<typeof flowFacts> {
  return flowFacts(flow, { ...options, policy: engine.policy, interpretation: engine.interpretation });
}

function classify(
  engine: FilterEngine,
  shim: (typeof SHIMS)[keyof typeof SHIMS],
  { event, direction }: Pick<JudgedStep, "event" | "direction">,
  facts: IndicationFacts,
): JudgedStep | null {
  const layer = engine.layer(shim.layer[facts.family]);
  if (layer === undefined) return null;
  const decision = engine.isFiltered(layer.key)
    ? engine.classify(layer, shim.values(facts, layer), { metadata: shim.metadata(facts, layer) })
    : UNFILTERED;
  return { event, direction, layer, decision };
}

function conclude(steps: readonly JudgedStep[]): FlowJudgment {
  const blocked = steps.find(({ decision }) => decision.verdict === "block");
  const open = steps.find(({ decision }) => decision.verdict === "indeterminate");
  const authorization = steps.find(({ layer }) => AUTHORIZATION.test(layer.name));
  const reaction = steps.find(({ layer }) => layer.discardOf !== null);
  const verdict = blocked !== undefined ? "block" : open !== undefined ? "indeterminate" : "permit";
  return { steps, decisive: blocked ?? open ?? authorization ?? reaction ?? steps.at(-1) ?? null, verdict };
}
