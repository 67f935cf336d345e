import { BudgetExceeded, classRows, type FlowSets, type Node } from "../../analysis/index.ts";
import type { FilterEngine } from "../../engine/index.ts";
import {
  FIELD_KEY,
  type Filter,
  type FlowPattern,
  type FlowSpec,
  type FlowTrace,
  formatFlow,
  PROTOCOL_NAMES,
  type SearchAnswer,
  type SearchResult,
  type Verdict,
} from "../../model/index.ts";
import { type TraceFlowOptions, traceFlow } from "../../stack/index.ts";
import { constantsOf } from "../suite/policy-constants.ts";
import { ruleOf, withProtocols } from "../suite/run-flow-test.ts";
import { rowFields } from "./class-text.ts";
import { type FlowCase, flowCases, groupsOf } from "./flow-cases.ts";
import { caseQuestions, cubeSet, type FlowQuestion } from "./flow-question.ts";
import { addPart } from "./merge-answers.ts";

export interface SearchOptions extends TraceFlowOptions {
  readonly question: string;
  readonly verdict: Verdict | null;
  /** Any verdict but this one. */
  readonly notVerdict?: Verdict;
  /** Decided by one of these filters; null for whoever decides. */
  readonly filters: readonly Filter[] | null;
  readonly decidedBy: string | null;
  /** Flows that are not asked about. */
  readonly except: readonly FlowPattern[];
  /** Classes listed for each part of the question. */
  readonly classes: number;
  readonly maxNodes?: number;
  readonly now: () => number;
  readonly onCase?: (done: number) => void;
}

/** Fields by which an answer is listed. */
const SHOWN = [
  FIELD_KEY.ALE_APP_ID,
  FIELD_KEY.IP_LOCAL_ADDRESS,
  FIELD_KEY.IP_REMOTE_ADDRESS,
  FIELD_KEY.IP_LOCAL_PORT,
  FIELD_KEY.IP_REMOTE_PORT,
  FIELD_KEY.IP_LOCAL_INTERFACE,
] as const;

/** What answers for several profiles have to agree in to be one. */
const sameText = ({ classes, more, decidedBy }: SearchAnswer) =>
  JSON.stringify([classes.map(({ fields }) => fields), more, decidedBy?.name]);

/** Witnesses that `trace` may refuse before a part of a question counts as not settled. */
const TRIES = 50;

/** All flows of some patterns that have a verdict, or are decided by a filter. An empty answer that is "proved" is a proof. */
export function searchFlows(engine: FilterEngine, patterns: readonly FlowPattern[], options: SearchOptions): SearchResult {
  const started = options.now();
  const answers: SearchAnswer[] = [];
  const unsettled: string[] = [];
  let nodes = 0;
  let cases = 0;
  for (const pattern of withProtocols(patterns, constantsOf(engine.policy).protocols)) {
    for (const group of groupsOf(flowCases(pattern))) {
      const edges = exceptionsOf(pattern, options.except);
      try {
        for (const { case: flowCase, questions } of caseQuestions([engine], group, { ...options, edges })) {
          cases++;
          options.onCase?.(cases);
          const heading = headingOf(flowCase);
          const [question] = questions;
          if (question === undefined) continue;
          const found = answerOf(engine, question, heading, options);
          nodes = Math.max(nodes, question.space.bdd.peak);
          if (found === "unsettled") unsettled.push(heading);
          else if (found !== null) addPart(answers, found, sameText);
        }
      } catch (error) {
        if (!(error instanceof BudgetExceeded)) throw error;
        nodes = Math.max(nodes, error.nodes);
        unsettled.push(`${group.map(headingOf).join("; ")}: ${error.message}`);
      }
    }
  }
  return {
    question: options.question,
    verdict: options.verdict === "indeterminate" ? "indeterminate" : options.verdict,
    decidedBy: options.decidedBy,
    answers,
    certainty: unsettled.length === 0 ? "proved" : "bounded",
    unsettled,
    cost: { nodes, cases, seconds: Math.max(0, options.now() - started) },
  };
}

function answerOf(
  engine: FilterEngine,
  question: FlowQuestion,
  heading: string,
  options: SearchOptions,
): SearchAnswer | "unsettled" | null {
  const { space } = question;
  const { bdd } = space;
  const sets = question.sets({ deciders: options.filters !== null });
  let wanted = bdd.difference(wantedOf(sets, options, bdd.or.bind(bdd)), exceptions(question, options.except));
  // What the fields cannot tell apart that the stack derives them from: a witness that trace refuses goes, and the search goes on.
  for (let tries = 0; tries < TRIES; tries++) {
    const cube = space.witness(wanted);
    if (cube === undefined) return null;
    const flow = question.flow(cube);
    const trace = traceFlow(engine, flow, options);
    if (isWanted(trace, options)) {
      const { rows, more } = classRows(space, wanted, SHOWN, options.classes);
      return {
        heading,
        classes: rows.map((row) => ({ heading, fields: rowFields(space, row, question.within) })),
        more,
        witness: { flow, trace },
        decidedBy: ruleOf(trace) ?? null,
      };
    }
    wanted = bdd.difference(wanted, cubeSet(question.space, cube));
  }
  return "unsettled";
}

function wantedOf(sets: FlowSets, { verdict, notVerdict, filters }: SearchOptions, or: (a: Node, b: Node) => Node): Node {
  if (notVerdict !== undefined) {
    const left = (["permit", "block", "open"] as const).filter((name) => name !== (notVerdict === "indeterminate" ? "open" : notVerdict));
    return left.reduce<Node>((all, name) => or(all, sets[name]), 0);
  }
  const byVerdict =
    verdict === "permit"
      ? sets.permit
      : verdict === "block"
        ? sets.block
        : verdict === "indeterminate"
          ? sets.open
          : or(sets.permit, or(sets.block, sets.open));
  if (filters === null) return byVerdict;
  return sets.visits.reduce((all, { decided }) => filters.reduce((sum, filter) => or(sum, decided.get(filter) ?? 0), all), 0);
}

function isWanted(trace: FlowTrace, { verdict, notVerdict, filters }: SearchOptions): boolean {
  if (trace.verdict === notVerdict) return false;
  if (verdict !== null && trace.verdict !== verdict) return false;
  if (filters === null) return true;
  return trace.steps.some(({ decision }) => {
    const named = decision?.filter ?? null;
    return (
      (named !== null && filters.includes(named)) ||
      (decision?.alternatives ?? []).some(({ filter }) => filter !== null && filters.includes(filter))
    );
  });
}

/** The exceptions that may speak of a pattern's flows. */
function exceptionsOf({ direction, family, protocol }: FlowPattern, except: readonly FlowPattern[]): readonly FlowPattern[] {
  return except.filter(
    (other) => other.direction === direction && other.family === family && (other.protocol === "any" || other.protocol === protocol),
  );
}

function exceptions({ space: { bdd }, partOf, case: { pattern, flow } }: FlowQuestion, except: readonly FlowPattern[]): Node {
  const { profile } = flow;
  return exceptionsOf(pattern, except)
    .filter((other) => other.profile === undefined || (profile !== undefined && other.profile.includes(profile)))
    .reduce<Node>((set, other) => bdd.or(set, partOf(other)), 0);
}

/** What a part of a question is called. */
export function headingOf({ flow, pattern }: FlowCase): string {
  const protocol = PROTOCOL_NAMES.nameOf(flow.protocol) ?? `protocol ${flow.protocol}`;
  const kind = kindOf(flow);
  return [
    pattern.direction,
    protocol,
    pattern.family === 4 ? "IPv4" : "IPv6",
    ...(kind === "" ? [] : [kind]),
    ...(flow.profile === undefined ? [] : [flow.profile]),
  ].join(" ");
}

function kindOf(flow: FlowSpec): string {
  const text = formatFlow(flow);
  if (/ (127\.|\[?::1\b)/.test(text)) return "loopback";
  const many = flow.direction === "out" ? flow.remoteAddress : flow.localAddress;
  if (many === undefined) return "";
  if (many.family === 4) return many.value >>> 28 === 14 ? "multicast" : many.value === 0xffffffff ? "broadcast" : "";
  return many.bytes[0] === 0xff ? "multicast" : "";
}
