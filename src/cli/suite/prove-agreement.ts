import { BudgetExceeded, type Node } from "../../analysis/index.ts";
import type { FilterEngine } from "../../engine/index.ts";
import { type FlowPattern, formatFlow, type InvariantTest, type SuiteFinding } from "../../model/index.ts";
import { type TraceFlowOptions, traceFlow } from "../../stack/index.ts";
import { type FlowCase, flowCases, isOutside } from "../questions/flow-cases.ts";
import { addressesSet, caseQuestions, cubeSet, type FlowQuestion } from "../questions/flow-question.ts";
import { headingOf } from "../questions/search-flows.ts";
import { ordinary } from "./ordinary-program.ts";
import type { Proof } from "./prove-test.ts";

/** Nodes for one pair of cases: what does not fit is left to witnesses. */
const BUDGET = 4_000_000;
/** Witnesses that `trace` may refuse before a pair of cases counts as not settled. */
const TRIES = 50;

/**
 * Proves that IPv4 and IPv6 flows of an ordinary program to peers of the same kind have one verdict, or finds a pair that has two. Both
 * families share one space: what they have in common (program, ports, profile, interface) has one value, each has addresses of its own.
 * undefined where flows of both families cannot be paired: ICMP and ICMPv6 count their types differently.
 */
export function proveAgreement(engine: FilterEngine, { pairs }: InvariantTest, options: TraceFlowOptions): Proof | undefined {
  const findings: SuiteFinding[] = [];
  let isProved = true;
  let cases = 0;
  for (const { v4, v6 } of pairs) {
    if (v4.protocol === "any" || v4.protocol === 1 || v4.protocol === 58 || v4.protocol !== v6.protocol) return undefined;
    const [four, six] = [casesOf(v4), casesOf(v6)];
    for (const [heading, one] of four) {
      const other = six.get(heading.replace(" IPv4", " IPv6"));
      if (other === undefined) continue;
      cases++;
      const found = differenceOf(engine, one, other, options);
      if (found === "unsettled") isProved = false;
      else if (found !== null) findings.push(found);
    }
  }
  // Cases that have no counterpart in the other family prove nothing by themselves.
  return { isProved: isProved && findings.length === 0 && cases > 0, findings, cases };
}

function casesOf(pattern: FlowPattern): ReadonlyMap<string, FlowCase> {
  return new Map([...flowCases(ordinary(pattern))].map((flowCase) => [headingOf(flowCase), flowCase]));
}

function differenceOf(engine: FilterEngine, v4: FlowCase, v6: FlowCase, options: TraceFlowOptions): SuiteFinding | "unsettled" | null {
  try {
    const [four, six] = caseQuestions([engine], [v4, v6], { ...options, maxNodes: BUDGET }).flatMap(({ questions }) => questions);
    return four === undefined || six === undefined ? null : witnessOf(engine, four, six, options);
  } catch (error) {
    if (error instanceof BudgetExceeded) return "unsettled";
    throw error;
  }
}

function witnessOf(
  engine: FilterEngine,
  four: FlowQuestion,
  six: FlowQuestion,
  options: TraceFlowOptions,
): SuiteFinding | "unsettled" | null {
  const { space } = four;
  const { bdd } = space;
  const [a, b] = [four.sets(), six.sets()];
  const both = bdd.and(four.within, six.within);
  let differing = (["permit", "block", "open"] as const).reduce<Node>(
    (set, verdict) => bdd.or(set, bdd.and(both, bdd.difference(a[verdict], b[verdict]))),
    0,
  );
  let isOpen = false;
  for (let tries = 0; tries < TRIES; tries++) {
    const cube = space.witness(differing);
    if (cube === undefined) return isOpen ? "unsettled" : null;
    const [one, other] = [traceFlow(engine, four.flow(cube), options), traceFlow(engine, six.flow(cube), options)];
    if (one.verdict !== other.verdict) {
      const status = one.verdict === "indeterminate" || other.verdict === "indeterminate" ? "indeterminate" : "failed";
      const message = `expected one verdict for both families, found ${one.verdict} for IPv4 and ${other.verdict} for IPv6 (${formatFlow(other.flow)})`;
      return { status, message, trace: one, alike: 0 };
    }
    const elsewhere = isOutside(four.case, one.flow) ? four : isOutside(six.case, other.flow) ? six : undefined;
    if (elsewhere === undefined) isOpen = true;
    const refused = elsewhere === undefined ? cubeSet(space, cube) : addressesSet(space, elsewhere.case, cube);
    differing = bdd.difference(differing, refused);
  }
  return "unsettled";
}
