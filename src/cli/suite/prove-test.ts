import type { FilterEngine } from "../../engine/index.ts";
import type { FlowPattern, FlowTest, InvariantTest, SuiteFinding, Verdict } from "../../model/index.ts";
import type { TraceFlowOptions } from "../../stack/index.ts";
import { searchFlows } from "../questions/search-flows.ts";

/** What was found out about all packets of a test. */
export interface Proof {
  /** No packet is otherwise than the test says. */
  readonly isProved: boolean;
  readonly findings: readonly SuiteFinding[];
  /** Parts that the question was put in. */
  readonly cases: number;
}

/** Nodes for one set: what does not fit is left to witnesses. */
const BUDGET = 4_000_000;

/**
 * Proves that all packets of a test are blocked, whoever sends or receives them, or finds one that is not; undefined for tests that ask for
 * something else, which the classes of witnesses decide.
 */
export function proveTest(
  engine: FilterEngine,
  test: FlowTest | InvariantTest,
  options: TraceFlowOptions & { readonly now: () => number },
): Proof | undefined {
  const asked = questionOf(test);
  if (asked === undefined) return undefined;
  const result = searchFlows(engine, asked.flows, {
    ...options,
    question: "",
    verdict: null,
    notVerdict: "block",
    filters: null,
    decidedBy: null,
    except: asked.except,
    classes: 0,
    maxNodes: BUDGET,
  });
  const findings = result.answers.map(({ witness: { trace } }): SuiteFinding => {
    const status = trace.verdict === "indeterminate" ? "indeterminate" : "failed";
    return { status, message: `expected block, found ${trace.verdict satisfies Verdict}`, trace, alike: 0 };
  });
  return { isProved: result.certainty === "proved" && findings.length === 0, findings, cases: result.cost.cases };
}

function questionOf(
  test: FlowTest | InvariantTest,
): { readonly flows: readonly FlowPattern[]; readonly except: readonly FlowPattern[] } | undefined {
  if (test.kind === "invariant")
    return test.verdict === "block" && test.pairs.length === 0 ? { flows: test.flows, except: test.except } : undefined;
  const { verdict, decidedBy, peerSees, at } = test.expect;
  const isPlain = verdict === "block" && decidedBy === null && peerSees === null && at === null;
  return isPlain && test.listener !== false ? { flows: test.flows, except: [] } : undefined;
}
