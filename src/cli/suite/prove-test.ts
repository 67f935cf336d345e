import type { FilterEngine } from "../../engine/index.ts";
import type { FlowPattern, FlowTest, InvariantTest, SuiteFinding, Verdict } from "../../model/index.ts";
import type { TraceFlowOptions } from "../../stack/index.ts";
import { searchFlows } from "../questions/search-flows.ts";
import { ordinary } from "./ordinary-program.ts";
import { proveAgreement } from "./prove-agreement.ts";

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
 * Proves that all packets of a test are blocked, or permitted, or that both families have one verdict, or finds what is
 * otherwise; undefined for tests that ask for something else, which the classes of witnesses decide.
 */
export function proveTest(
  engine: FilterEngine,
  test: FlowTest | InvariantTest,
  options: TraceFlowOptions & { readonly now: () => number },
): Proof | undefined {
  if (test.kind === "invariant" && test.pairs.length > 0) return proveAgreement(engine, test, options);
  const asked = questionOf(test);
  if (asked === undefined) return undefined;
  const result = searchFlows(engine, asked.flows, {
    ...options,
    question: "",
    verdict: null,
    notVerdict: asked.verdict,
    filters: null,
    decidedBy: null,
    except: asked.except,
    classes: 0,
    maxNodes: BUDGET,
  });
  const findings = result.answers.map(({ witness: { trace } }): SuiteFinding => {
    const status = trace.verdict === "indeterminate" ? "indeterminate" : "failed";
    return { status, message: `expected ${asked.verdict}, found ${trace.verdict satisfies Verdict}`, trace, alike: 0 };
  });
  const { cases } = result.cost;
  // Of flows that are none of any case nothing is proved.
  return { isProved: result.certainty === "proved" && findings.length === 0 && cases > 0, findings, cases };
}

interface Asked {
  readonly flows: readonly FlowPattern[];
  readonly except: readonly FlowPattern[];
  readonly verdict: "permit" | "block";
}

/** A block must hold whoever it is; that something is let through is said of ordinary programs. */
function questionOf(test: FlowTest | InvariantTest): Asked | undefined {
  const asked = (verdict: "permit" | "block", except: readonly FlowPattern[]): Asked => ({
    flows: verdict === "block" ? test.flows : test.flows.map(ordinary),
    except,
    verdict,
  });
  if (test.kind === "invariant") return asked(test.verdict, test.except);
  const { verdict, decidedBy, peerSees, at } = test.expect;
  const isPlain = decidedBy === null && peerSees === null && at === null && test.listener !== false;
  return isPlain && (verdict === "permit" || verdict === "block") ? asked(verdict, []) : undefined;
}
