import type { FilterEngine } from "../../engine/index.ts";
import { type FlowPattern, type FlowTrace, formatFlow, type InvariantTest, type SuiteFinding, toAppId } from "../../model/index.ts";
import type { TraceFlowOptions } from "../../stack/index.ts";
import type { Dimension } from "./flow-dimensions.ts";
import { type JudgedFlows, type JudgedPart, judgeFlows } from "./judge-flows.ts";
import { type AskOptions, type FlowTestOutcome, ruleOf, withProtocols } from "./run-flow-test.ts";
import { isInside } from "./value-classes.ts";

/**
 * Judges an invariant: all flows have its verdict, but for its exceptions; or both families have the same, which `isProved` says is known:
 * then flows are judged for coverage and the baseline only.
 */
export function runInvariant(
  engine: FilterEngine,
  test: InvariantTest,
  protocols: readonly number[],
  options: AskOptions,
  isProved = false,
): FlowTestOutcome {
  if (test.pairs.length > 0) return agreement(engine, test, options, isProved);
  const except = withProtocols(test.except, protocols);
  const judged: JudgedFlows[] = [];
  const found = new Map<string, { status: SuiteFinding["status"]; message: string; trace: FlowTrace; alike: number }>();
  for (const pattern of withProtocols(test.flows, protocols)) {
    const edges = except.filter(
      (edge) => edge.direction === pattern.direction && edge.protocol === pattern.protocol && edge.family === pattern.family,
    );
    const result = judgeFlows(engine, pattern, {
      ...options,
      who: test.verdict === "block" ? "anybody" : "ordinary",
      edges,
      // Only what breaks the invariant need be looked at closely enough to tell whether an exception covers it.
      mustSettle: (part) => (part.trace.verdict === test.verdict ? [] : edges.flatMap((edge) => constrained(edge))),
    });
    judged.push(result);
    for (const part of result.parts) {
      const { trace } = part;
      if (trace.verdict === test.verdict || edges.some((edge) => covers(edge, part, options))) continue;
      const status = trace.verdict === "indeterminate" ? "indeterminate" : "failed";
      const message = `expected ${test.verdict}, found ${trace.verdict}`;
      const key = `${status} ${ruleOf(trace)?.name ?? ""} ${trace.flow.protocol}`;
      const known = found.get(key);
      if (known === undefined) found.set(key, { status, message, trace, alike: 0 });
      else known.alike++;
    }
  }
  return { judged, findings: [...found.values()] };
}

/** What an exception says something about. */
function constrained(edge: FlowPattern): readonly Dimension[] {
  const { told } = edge;
  const list: readonly (readonly [Dimension, unknown])[] = [
    ["localPort", edge.localPort],
    ["remotePort", edge.remotePort],
    ["localAddress", edge.localAddress],
    ["remoteAddress", edge.remoteAddress],
    ["profile", edge.profile],
    ["icmp", told.icmp],
    ["app", told.app],
    ["package", told.package],
    ["user", told.user ?? told.service ?? told.groups],
    ["if", told.interface],
  ];
  return list.flatMap(([dimension, value]) => (value === undefined ? [] : [dimension]));
}

/** Whether every flow of the part is one of the exception's. */
function covers(edge: FlowPattern, { trace, settled }: JudgedPart, { volumes }: TraceFlowOptions): boolean {
  const { flow } = trace;
  const numbers = (["localPort", "remotePort", "localAddress", "remoteAddress"] as const).every((dimension) => {
    const set = edge[dimension];
    const ranges = settled[dimension]?.ranges;
    return set === undefined || (ranges !== undefined && isInside(ranges, set));
  });
  if (!numbers || (edge.profile !== undefined && (flow.profile === undefined || !edge.profile.includes(flow.profile)))) return false;
  const { told } = edge;
  const path = (app: string) => toAppId(app, volumes).toLowerCase();
  if (told.icmp !== undefined && (flow.icmp?.type !== told.icmp.type || flow.icmp.code !== told.icmp.code)) return false;
  if (told.app !== undefined && (flow.app === undefined || path(told.app) !== path(flow.app))) return false;
  if (told.service !== undefined && flow.service !== told.service) return false;
  if (told.user !== undefined && flow.user !== told.user) return false;
  if (told.package !== undefined && flow.package !== told.package) return false;
  const [wanted, actual] = [told.interface, flow.interface];
  return (
    wanted === undefined ||
    (wanted.luid !== undefined ? actual?.luid === wanted.luid : actual?.index === wanted.index && actual?.alias === wanted.alias)
  );
}

/** The same question about both families, split until each has a definite answer; then the answers of like parts are compared. */
function agreement(engine: FilterEngine, test: InvariantTest, options: AskOptions, isProved: boolean): FlowTestOutcome {
  // The baseline is asked about the parts of each family, not once more about their twins.
  const { baseline, ...alone } = options;
  const judged: JudgedFlows[] = [];
  const findings: SuiteFinding[] = [];
  for (const { v4, v6 } of test.pairs) {
    const results = [v4, v6].map((pattern) => judgeFlows(engine, pattern, { ...options, who: "ordinary" })) as [JudgedFlows, JudgedFlows];
    // Each side's parts are asked of the other family, so that what one family's filters tell apart the other must answer too.
    const [four, six] = results;
    judged.push(four, six);
    if (isProved) continue;
    const differing = new Map<string, { finding: SuiteFinding; alike: number }>();
    for (const [mine, other] of [
      [four, v6],
      [six, v4],
    ] as const) {
      for (const part of mine.parts) {
        const twins = judgeFlows(
          engine,
          { ...other, ...portsOf(part, other), told: { ...other.told, ...sharedOf(part) } },
          { ...alone, who: "ordinary" },
        );
        for (const twin of twins.parts) {
          if (twin.trace.verdict === part.trace.verdict) continue;
          const [a, b] = mine === four ? [part.trace, twin.trace] : [twin.trace, part.trace];
          const status = a.verdict === "indeterminate" || b.verdict === "indeterminate" ? "indeterminate" : "failed";
          const shown = a.verdict === "permit" ? a : b;
          const key = `${status} ${ruleOf(shown)?.name} ${a.verdict}`;
          const known = differing.get(key);
          if (known !== undefined) known.alike++;
          else {
            const message = `expected one verdict for both families, found ${a.verdict} for IPv4 and ${b.verdict} for IPv6 (${formatFlow(b.flow)})`;
            differing.set(key, { finding: { status, message, trace: a, alike: 0 }, alike: 0 });
          }
        }
      }
    }
    for (const { finding, alike } of differing.values()) findings.push({ ...finding, alike });
  }
  return { judged, findings };
}

/** What a part says about both families alike. */
function sharedOf({ trace: { flow }, settled }: JudgedPart) {
  return {
    ...(settled.profile === undefined || flow.profile === undefined ? {} : { profile: flow.profile }),
    ...(settled.app === undefined || flow.app === undefined ? {} : { app: flow.app }),
    ...(settled.if === undefined || flow.interface === undefined ? {} : { interface: flow.interface }),
  };
}

function portsOf({ settled }: JudgedPart, pattern: FlowPattern): Partial<Pick<FlowPattern, "localPort" | "remotePort">> {
  const local = settled.localPort?.ranges ?? pattern.localPort;
  const remote = settled.remotePort?.ranges ?? pattern.remotePort;
  return { ...(local === undefined ? {} : { localPort: local }), ...(remote === undefined ? {} : { remotePort: remote }) };
}
