import type { FilterEngine } from "../../engine/index.ts";
import type { FlowTrace } from "../../model/index.ts";
import type { TraceFlowOptions } from "../../stack/index.ts";
import { judgeFlows } from "../suite/judge-flows.ts";
import { type FlowCase, isOutside } from "./flow-cases.ts";

/**
 * A case that sets are too large for, asked of trace in parts: slower, and complete where the parts are all there is. A flow that is wanted, "none"
 * if there is none for sure, or "unsettled".
 */
export function triedFlows(
  engine: FilterEngine,
  flowCase: FlowCase,
  isWanted: (trace: FlowTrace) => boolean,
  options: TraceFlowOptions & { readonly budget: number },
): FlowTrace | "none" | "unsettled" {
  const { pattern, flow, localAddress, remoteAddress, icmp } = flowCase;
  // Parts do not tell messages of ICMP from errors.
  if (icmp !== undefined) return "unsettled";
  const { profile } = flow;
  const asked = { ...pattern, localAddress, remoteAddress, ...(profile === undefined ? {} : { profile: [profile] }) };
  const { parts: all, exhaustive } = judgeFlows(engine, asked, { ...options, who: "anybody" });
  const parts = all.filter(({ trace }) => !isOutside(flowCase, trace.flow));
  const found = parts.find(({ trace }) => isWanted(trace));
  if (found !== undefined) return found.trace;
  return exhaustive && parts.every(({ trace }) => trace.verdict !== "indeterminate") ? "none" : "unsettled";
}
