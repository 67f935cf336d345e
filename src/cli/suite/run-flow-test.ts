import type { FilterEngine } from "../../engine/index.ts";
import {
  type FlowExpectation,
  type FlowPattern,
  type FlowTest,
  type FlowTrace,
  SUBLAYER_KEY,
  type SuiteFinding,
  type Verdict,
} from "../../model/index.ts";
import type { TraceFlowOptions } from "../../stack/index.ts";
import { decidersOf, isLayer, isNamed } from "./deciders.ts";
import { type JudgedFlows, judgeFlows } from "./judge-flows.ts";
import { peerSees } from "./peer-sees.ts";
import { NOBODYS_PROTOCOL } from "./protocol-classes.ts";

export interface FlowTestOutcome {
  readonly findings: readonly SuiteFinding[];
  readonly judged: readonly JudgedFlows[];
}

/** How every flow of a run is asked. */
export interface AskOptions extends TraceFlowOptions {
  readonly baseline?: FilterEngine;
}

/** Protocols that "any" stands for: the ones that filters name, the usual ones, and one that nobody names. */
export function withProtocols(patterns: readonly FlowPattern[], named: readonly number[]): readonly FlowPattern[] {
  return patterns.flatMap((pattern) => {
    if (pattern.protocol !== "any") return [pattern];
    const icmp = pattern.family === 4 ? 1 : 58;
    const protocols = [...new Set([6, 17, icmp, ...named.filter((protocol) => protocol !== 1 && protocol !== 58), NOBODYS_PROTOCOL])];
    return protocols.map((protocol) => ({ ...pattern, protocol }));
  });
}

/** Judges every flow of a test against what it expects. */
export function runFlowTest(engine: FilterEngine, test: FlowTest, protocols: readonly number[], options: AskOptions): FlowTestOutcome {
  const { expect } = test;
  const listener = test.listener ?? true;
  const judged = withProtocols(test.flows, protocols).map((pattern) =>
    expect.verdict === "indeterminate"
      ? // Asked for: what the flow leaves open stays open.
        judgeFlows(engine, pattern, { ...options, listener, who: "ordinary", split: false })
      : judgeFlows(engine, pattern, { ...options, listener, who: whoOf(expect) }),
  );
  return { judged, findings: findingsOf(judged, expect) };
}

/** A block must hold whoever it is; that something is let through is said of ordinary programs unless the flow names others. */
function whoOf({ verdict, peerSees: sees }: FlowExpectation): "anybody" | "ordinary" {
  return verdict === "block" || (verdict === null && sees === "silence") ? "anybody" : "ordinary";
}

function findingsOf(judged: readonly JudgedFlows[], expect: FlowExpectation): readonly SuiteFinding[] {
  const found = new Map<string, { status: SuiteFinding["status"]; message: string; trace: FlowTrace; alike: number }>();
  for (const { parts } of judged) {
    for (const { trace } of parts) {
      const wrong = faultOf(trace, expect);
      if (wrong === undefined) continue;
      const filter = trace.decisive?.decision?.filter ?? null;
      const key = `${wrong.status} ${wrong.message} ${ruleOf(trace)?.name ?? filter?.name ?? ""}`;
      const known = found.get(key);
      if (known === undefined) found.set(key, { ...wrong, trace, alike: 0 });
      else known.alike++;
    }
  }
  return [...found.values()];
}

/** The filter that a reader wants to hear of: a rule's rather than a default's. */
export function ruleOf(trace: FlowTrace) {
  const deciders = decidersOf(trace.decisive, trace.verdict);
  return (
    deciders.find(({ origin }) => origin !== null && !/ Default$|^Stealth$|Loopback$/.test(origin)) ??
    // Dumps tell no origins; that the interface is out of quarantine is no news either.
    deciders.find(({ subLayerKey }) => subLayerKey !== SUBLAYER_KEY.MPSSVC_QUARANTINE) ??
    deciders[0]
  );
}

function faultOf(trace: FlowTrace, expect: FlowExpectation): Pick<SuiteFinding, "status" | "message"> | undefined {
  const { verdict } = expect;
  if (verdict !== null && trace.verdict !== verdict) {
    if (trace.verdict === "indeterminate") return { status: "indeterminate", message: `expected ${verdict}, found indeterminate` };
    return { status: "failed", message: `expected ${verdict}, found ${trace.verdict}` };
  }
  if (verdict !== "indeterminate" && trace.verdict === "indeterminate" && (expect.decidedBy !== null || expect.at !== null)) {
    return { status: "indeterminate", message: "expected a definite answer, found indeterminate" };
  }
  if (expect.at !== null && !isLayer(trace.decisive?.layer.name ?? "", expect.at)) {
    return { status: "failed", message: `expected the decision at ${expect.at}, found ${shortLayer(trace.decisive?.layer.name)}` };
  }
  if (expect.decidedBy !== null && !isDecidedBy(trace, expect.decidedBy)) {
    const names = deciderNames(trace, trace.verdict);
    return { status: "failed", message: `expected "${expect.decidedBy}" to decide, found ${names === "" ? "no filter" : names}` };
  }
  if (expect.peerSees !== null) {
    const seen = peerSees(trace);
    if (seen === undefined)
      return { status: "indeterminate", message: `expected the peer to see ${expect.peerSees}; it depends on a verdict that is not known` };
    if (seen !== expect.peerSees) return { status: "failed", message: `expected the peer to see ${expect.peerSees}, found ${seen}` };
  }
  return undefined;
}

function isDecidedBy(trace: FlowTrace, text: string): boolean {
  return decidersOf(trace.decisive, trace.verdict).some((filter) => isNamed(filter, text));
}

function deciderNames(trace: FlowTrace, verdict: Verdict): string {
  return decidersOf(trace.decisive, verdict)
    .slice(0, 3)
    .map(({ name, filterId }) => `"${name}" (#${filterId})`)
    .join(", ");
}

export function shortLayer(name: string | undefined): string {
  return name === undefined ? "no layer" : name.replace(/^FWPM_LAYER_/, "");
}
