import { BudgetExceeded, classRows, type FlowSets, matchFilters, type Node } from "../../analysis/index.ts";
import type { FilterEngine } from "../../engine/index.ts";
import { type DiffAnswer, type DiffResult, FIELD_KEY, type FlowPattern, type Verdict } from "../../model/index.ts";
import { type TraceFlowOptions, traceFlow } from "../../stack/index.ts";
import { ruleOf } from "../suite/run-flow-test.ts";
import { answerClass } from "./answer-classes.ts";
import { flowCases, groupsOf, isOutside } from "./flow-cases.ts";
import { addressesSet, caseQuestions, cubeSet, type FlowQuestion } from "./flow-question.ts";
import { mergeDifferences } from "./merge-differences.ts";
import { NodeBudget } from "./node-budget.ts";
import { responsibleFor } from "./responsible.ts";
import { headingOf, patternsOf } from "./search-flows.ts";

export interface DiffOptions extends TraceFlowOptions {
  readonly classes: number;
  readonly maxNodes?: number;
  readonly now: () => number;
  readonly onCase?: (done: number) => void;
}

const SHOWN = [
  FIELD_KEY.ALE_APP_ID,
  FIELD_KEY.IP_LOCAL_ADDRESS,
  FIELD_KEY.IP_REMOTE_ADDRESS,
  FIELD_KEY.IP_LOCAL_PORT,
  FIELD_KEY.IP_REMOTE_PORT,
] as const;

/** Witnesses that `trace` may refuse before a part of a question counts as not settled. */
const TRIES = 50;

/** Which flows two policies treat differently, and which filters differ. */
export function diffFlows(before: FilterEngine, after: FilterEngine, patterns: readonly FlowPattern[], options: DiffOptions): DiffResult {
  const started = options.now();
  const flows: DiffAnswer[] = [];
  const unsettled: string[] = [];
  let cases = 0;
  let nodes = 0;
  const allowed = new NodeBudget(options.maxNodes);
  for (const pattern of patternsOf([before, after], patterns)) {
    for (const group of groupsOf(flowCases(pattern))) {
      try {
        for (const { case: flowCase, questions } of caseQuestions([before, after], group, { ...options, ...allowed.option })) {
          cases++;
          options.onCase?.(cases);
          const heading = headingOf(flowCase);
          const [one, other] = questions;
          if (one === undefined || other === undefined) continue;
          const { bdd } = one.space;
          const [a, b] = [one.sets({ agreeing: true }), other.sets({ agreeing: true })];
          nodes = Math.max(nodes, bdd.peak);
          const changes: readonly (readonly [DiffAnswer["change"], Node])[] = [
            ["gained", bdd.and(b.permit, a.block)],
            ["lost", bdd.and(b.block, a.permit)],
            ["opened", bdd.difference(b.open, a.open)],
            ["settled", bdd.difference(a.open, b.open)],
          ];
          for (const [change, set] of changes) {
            const found = answersOf(before, after, one, { heading, change, set, was: a, is: b }, options);
            flows.push(...found.answers);
            if (!found.isSettled) unsettled.push(`${heading}: ${change}`);
          }
        }
      } catch (error) {
        if (!(error instanceof BudgetExceeded)) throw error;
        allowed.exceeded(error);
        nodes = Math.max(nodes, error.nodes);
        unsettled.push(`${group.map(headingOf).join("; ")}: ${error.message}`);
      }
    }
  }
  const { changes, sameKey, sameShape } = matchFilters(before.policy, after.policy);
  return {
    before: before.policy.source,
    after: after.policy.source,
    flows: mergeDifferences(flows),
    filters: changes,
    sameKey,
    sameShape,
    certainty: unsettled.length === 0 ? "proved" : "bounded",
    unsettled,
    cost: { nodes, cases, seconds: Math.max(0, options.now() - started) },
  };
}

/** Flows of a case that change in one way, and what becomes of all of its flows before and after. */
interface Changed {
  readonly heading: string;
  readonly change: DiffAnswer["change"];
  readonly set: Node;
  readonly was: FlowSets;
  readonly is: FlowSets;
}

interface FoundAnswers {
  readonly answers: readonly DiffAnswer[];
  readonly isSettled: boolean;
}

/** Whether two verdicts on a flow are the change that it is to be an example of. */
function shows(change: DiffAnswer["change"], was: Verdict, is: Verdict): boolean {
  switch (change) {
    case "gained":
      return was === "block" && is === "permit";
    case "lost":
      return was === "permit" && is === "block";
    case "opened":
      return was !== "indeterminate" && is === "indeterminate";
    case "settled":
      return was === "indeterminate" && is !== "indeterminate";
  }
}

/** Flows that change, in disjoint parts: one for each pair of filters that are responsible. */
function answersOf(
  before: FilterEngine,
  after: FilterEngine,
  question: FlowQuestion,
  { heading, change, set, ...sets }: Changed,
  options: DiffOptions,
): FoundAnswers {
  const { space } = question;
  const { bdd } = space;
  const answers: DiffAnswer[] = [];
  let left = set;
  let isSettled = true;
  for (let refused = 0; ; ) {
    const cube = question.witness(left);
    if (cube === undefined) return { answers, isSettled };
    const flow = question.flow(cube);
    const [was, is] = [traceFlow(before, flow, options), traceFlow(after, flow, options)];
    // A witness that trace refuses goes, and the search goes on. Unless it was no flow of the question, others of its class may differ.
    const isElsewhere = isOutside(question.case, flow);
    if (isElsewhere || !shows(change, was.verdict, is.verdict)) {
      if (++refused === TRIES) return { answers, isSettled: false };
      if (!isElsewhere) isSettled = false;
      left = bdd.difference(left, isElsewhere ? addressesSet(space, question.case, cube) : cubeSet(space, cube));
      continue;
    }
    const [decidedBefore, decidedAfter] = [ruleOf(was) ?? null, ruleOf(is) ?? null];
    const theirs = bdd.and(left, bdd.and(responsibleFor(bdd, sets.was, decidedBefore), responsibleFor(bdd, sets.is, decidedAfter)));
    const part = space.contains(theirs, cube) ? theirs : left;
    const { rows, more } = classRows(space, part, SHOWN, options.classes);
    answers.push({
      heading,
      change,
      classes: rows.map((row) => answerClass(question, heading, row, part)),
      more,
      before: { flow, trace: was },
      after: { flow, trace: is },
      decidedBefore,
      decidedAfter,
    });
    left = bdd.difference(left, part);
  }
}
