import { BudgetExceeded, classRows, matchFilters, type Node } from "../../analysis/index.ts";
import type { FilterEngine } from "../../engine/index.ts";
import { type DiffAnswer, type DiffResult, FIELD_KEY, type FlowPattern } from "../../model/index.ts";
import { type TraceFlowOptions, traceFlow } from "../../stack/index.ts";
import { constantsOf } from "../suite/policy-constants.ts";
import { ruleOf, withProtocols } from "../suite/run-flow-test.ts";
import { rowFields } from "./class-text.ts";
import { flowCases, groupsOf } from "./flow-cases.ts";
import { caseQuestions, cubeSet, type FlowQuestion } from "./flow-question.ts";
import { addPart } from "./merge-answers.ts";
import { headingOf } from "./search-flows.ts";

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

const TRIES = 50;

/** Which flows two policies treat differently, and which filters differ. */
export function diffFlows(before: FilterEngine, after: FilterEngine, patterns: readonly FlowPattern[], options: DiffOptions): DiffResult {
  const started = options.now();
  const flows: DiffAnswer[] = [];
  const unsettled: string[] = [];
  let cases = 0;
  let nodes = 0;
  const protocols = [...new Set([...constantsOf(before.policy).protocols, ...constantsOf(after.policy).protocols])];
  for (const pattern of withProtocols(patterns, protocols)) {
    for (const group of groupsOf(flowCases(pattern))) {
      try {
        for (const { case: flowCase, questions } of caseQuestions([before, after], group, options)) {
          cases++;
          options.onCase?.(cases);
          const heading = headingOf(flowCase);
          const [one, other] = questions;
          if (one === undefined || other === undefined) continue;
          const { bdd } = one.space;
          const [a, b] = [one.sets(), other.sets()];
          nodes = Math.max(nodes, bdd.peak);
          const changes: readonly (readonly [DiffAnswer["change"], Node])[] = [
            ["gained", bdd.and(b.permit, a.block)],
            ["lost", bdd.and(b.block, a.permit)],
            ["opened", bdd.difference(b.open, a.open)],
            ["settled", bdd.difference(a.open, b.open)],
          ];
          for (const [change, set] of changes) {
            const found = answerOf(before, after, one, { heading, change, set }, options);
            if (found === "unsettled") unsettled.push(`${heading}: ${change}`);
            else if (found !== null) addPart(flows, found, sameText);
          }
        }
      } catch (error) {
        if (!(error instanceof BudgetExceeded)) throw error;
        nodes = Math.max(nodes, error.nodes);
        unsettled.push(`${group.map(headingOf).join("; ")}: ${error.message}`);
      }
    }
  }
  const { changes, sameKey, sameShape } = matchFilters(before.policy, after.policy);
  return {
    before: before.policy.source,
    after: after.policy.source,
    flows,
    filters: changes,
    sameKey,
    sameShape,
    certainty: unsettled.length === 0 ? "proved" : "bounded",
    unsettled,
    cost: { nodes, cases, seconds: Math.max(0, options.now() - started) },
  };
}

const sameText = ({ change, classes, more, decidedBefore, decidedAfter }: DiffAnswer) =>
  JSON.stringify([change, classes.map(({ fields }) => fields), more, decidedBefore?.name, decidedAfter?.name]);

function answerOf(
  before: FilterEngine,
  after: FilterEngine,
  question: FlowQuestion,
  { heading, change, set }: { readonly heading: string; readonly change: DiffAnswer["change"]; readonly set: Node },
  options: DiffOptions,
): DiffAnswer | "unsettled" | null {
  const { space } = question;
  let wanted = set;
  for (let tries = 0; tries < TRIES; tries++) {
    const cube = space.witness(wanted);
    if (cube === undefined) return null;
    const flow = question.flow(cube);
    const [one, other] = [traceFlow(before, flow, options), traceFlow(after, flow, options)];
    if (one.verdict !== other.verdict) {
      const { rows, more } = classRows(space, wanted, SHOWN, options.classes);
      return {
        heading,
        change,
        classes: rows.map((row) => ({ heading, fields: rowFields(space, row, question.within) })),
        more,
        before: { flow, trace: one },
        after: { flow, trace: other },
        decidedBefore: ruleOf(one) ?? null,
        decidedAfter: ruleOf(other) ?? null,
      };
    }
    wanted = space.bdd.difference(wanted, cubeSet(space, cube));
  }
  return "unsettled";
}
