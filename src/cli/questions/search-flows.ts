import { type Bdd, BudgetExceeded, FALSE, type FlowSets, type Node } from "../../analysis/index.ts";
import type { FilterEngine } from "../../engine/index.ts";
import {
  type Filter,
  type FlowPattern,
  type FlowSpec,
  type FlowTrace,
  formatFlow,
  type Guid,
  PROTOCOL_NAMES,
  type SearchAnswer,
  type SearchResult,
  type Verdict,
} from "../../model/index.ts";
import { type TraceFlowOptions, traceFlow } from "../../stack/index.ts";
import { decidersAmong } from "../suite/deciders.ts";
import { protocolClasses } from "../suite/protocol-classes.ts";
import { ruleOf, withProtocols } from "../suite/run-flow-test.ts";
import { answerClasses } from "./answer-classes.ts";
import { type FlowCase, flowCases, groupsOf, type IcmpRanges, isOutside } from "./flow-cases.ts";
import { addressesSet, caseQuestions, cubeSet, type FlowQuestion } from "./flow-question.ts";
import { addPart, mergeKinds } from "./merge-answers.ts";
import { NodeBudget } from "./node-budget.ts";
import { triedFlows } from "./tried-flows.ts";

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
  /** Types and codes of ICMP messages; all unless told. */
  readonly icmp?: IcmpRanges;
  /** Fields that are listed though the question limits them. */
  readonly always?: ReadonlySet<Guid>;
  readonly maxNodes?: number;
  readonly now: () => number;
  readonly onCase?: (done: number) => void;
}

/** What answers for several profiles have to agree in to be one. */
const sameText = ({ classes, more, decidedBy }: SearchAnswer) =>
  JSON.stringify([classes.map(({ fields }) => fields), more, decidedBy?.name]);

/** Traces for a whole question whose sets are too large, so that the search ends in time with policies of any size. */
const TRACES = 1500;

const TCP = 6;
const UDP = 17;

/** Witnesses that `trace` may refuse before a part of a question counts as not settled. */
const TRIES = 50;

/** All flows of some patterns that have a verdict, or are decided by a filter. An empty answer that is "proved" is a proof. */
export function searchFlows(engine: FilterEngine, patterns: readonly FlowPattern[], options: SearchOptions): SearchResult {
  const started = options.now();
  const answers: SearchAnswer[] = [];
  const unsettled: string[] = [];
  const assumptions = new Set<string>();
  let nodes = 0;
  const allowed = new NodeBudget(options.maxNodes);
  let cases = 0;
  let found = 0;
  const groups = patternsOf([engine], patterns).map((pattern) => ({ pattern, ofPattern: groupsOf(flowCases(pattern, options.icmp)) }));
  const budget = Math.ceil(TRACES / Math.max(1, groups.flatMap(({ ofPattern }) => ofPattern.flat()).length));
  for (const { pattern, ofPattern } of groups) {
    for (const group of ofPattern) {
      const edges = exceptionsOf(pattern, options.except);
      for (const { flow } of group) for (const text of traceFlow(engine, flow, options).assumptions) assumptions.add(text);
      cases += group.length;
      let left = group;
      try {
        for (const { case: flowCase, questions } of caseQuestions([engine], group, { ...options, ...allowed.option, edges })) {
          const heading = headingOf(flowCase);
          const [question] = questions;
          if (question === undefined) continue;
          const answer = answerOf(engine, question, heading, options);
          nodes = Math.max(nodes, question.space.bdd.peak);
          left = left.slice(1);
          if (answer === "unsettled") unsettled.push(`${heading}: trace confirms none of the witnesses looked at`);
          else if (answer !== null) {
            found++;
            addPart(answers, answer, sameText);
          }
        }
      } catch (error) {
        if (!(error instanceof BudgetExceeded)) throw error;
        allowed.exceeded(error);
        nodes = Math.max(nodes, error.nodes);
        const tried = left.map(
          (flowCase) => [flowCase, canTry(options) ? tryCase(engine, flowCase, options, budget) : "unsettled"] as const,
        );
        const shown = tried.flatMap(([flowCase, answer]) => (typeof answer === "string" ? [] : [{ flowCase, answer }]));
        for (const { answer } of shown) addPart(answers, answer, sameText);
        found += shown.length;
        if (shown.length > 0) {
          unsettled.push(`${headingOfGroup(shown.map(({ flowCase }) => flowCase))}: an example, but not all classes: ${error.message}`);
        }
        const open = tried.filter(([, answer]) => answer === "unsettled").map(([flowCase]) => flowCase);
        if (open.length > 0) unsettled.push(`${headingOfGroup(open)}: ${error.message}`);
      }
      options.onCase?.(cases);
    }
  }
  return {
    question: options.question,
    verdict: options.verdict,
    decidedBy: options.decidedBy,
    answers: mergeKinds(answers, sameText),
    certainty: unsettled.length === 0 ? "proved" : "bounded",
    unsettled,
    found,
    assumptions: [...assumptions],
    cost: { nodes, cases, seconds: Math.max(0, options.now() - started) },
  };
}

/** Whether trace can be asked instead of sets: for a verdict, and without exceptions, which it does not know. */
function canTry({ verdict, notVerdict, filters, except }: SearchOptions): boolean {
  return (verdict === "permit" || verdict === "block") && notVerdict === undefined && filters === null && except.length === 0;
}

function tryCase(engine: FilterEngine, flowCase: FlowCase, options: SearchOptions, budget: number): SearchAnswer | "none" | "unsettled" {
  const trace = triedFlows(engine, flowCase, (each) => isWanted(each, options), { ...options, budget });
  if (typeof trace === "string") return trace;
  return { heading: headingOf(flowCase), classes: [], more: false, witness: { flow: trace.flow, trace }, decidedBy: ruleOf(trace) ?? null };
}

/** One protocol for each pattern: with ports "any" stands for those that have some. */
export function patternsOf(engines: readonly FilterEngine[], patterns: readonly FlowPattern[]): readonly FlowPattern[] {
  const protocols = protocolClasses(...engines.map(({ policy }) => policy));
  return patterns.flatMap((pattern) => {
    const all = withProtocols([pattern], protocols);
    const hasPorts = pattern.localPort !== undefined || pattern.remotePort !== undefined;
    return pattern.protocol === "any" && hasPorts ? all.filter(({ protocol }) => protocol === TCP || protocol === UDP) : all;
  });
}

function answerOf(
  engine: FilterEngine,
  question: FlowQuestion,
  heading: string,
  options: SearchOptions,
): SearchAnswer | "unsettled" | null {
  const { space } = question;
  const { bdd } = space;
  const sets = question.sets({ agreeing: options.filters !== null });
  let wanted = bdd.difference(wantedOf(sets, options, bdd), exceptions(question, options.except));
  // A witness that trace refuses goes, and the search goes on. Unless it was no flow of the question, others of its class may be wanted.
  let isOpen = false;
  for (let tries = 0; tries < TRIES; tries++) {
    const cube = question.witness(wanted);
    if (cube === undefined) return isOpen ? "unsettled" : null;
    const flow = question.flow(cube);
    const trace = traceFlow(engine, flow, options);
    const isElsewhere = isOutside(question.case, flow);
    if (!isElsewhere && isWanted(trace, options)) {
      return {
        heading,
        ...answerClasses(question, heading, wanted, {
          limit: options.classes,
          ...(options.always === undefined ? {} : { always: options.always }),
        }),
        witness: { flow, trace },
        decidedBy: namedDecider(trace, options.filters) ?? ruleOf(trace) ?? null,
      };
    }
    if (!isElsewhere) isOpen = true;
    wanted = bdd.difference(wanted, isElsewhere ? addressesSet(space, question.case, cube) : cubeSet(space, cube));
  }
  return "unsettled";
}

function wantedOf(sets: FlowSets, { verdict, notVerdict, filters }: SearchOptions, bdd: Bdd): Node {
  const all = ["permit", "block", "indeterminate"] as const;
  const verdicts = notVerdict === undefined ? (verdict === null ? all : [verdict]) : all.filter((name) => name !== notVerdict);
  let wanted: Node = FALSE;
  for (const name of verdicts) wanted = bdd.or(wanted, sets[name === "indeterminate" ? "open" : name]);
  if (filters === null) return wanted;
  let decided: Node = FALSE;
  for (const { agreed } of sets.visits) for (const filter of filters) decided = bdd.or(decided, agreed.get(filter) ?? FALSE);
  return bdd.and(wanted, decided);
}

function isWanted(trace: FlowTrace, { verdict, notVerdict, filters }: SearchOptions): boolean {
  if (trace.verdict === notVerdict) return false;
  if (verdict !== null && trace.verdict !== verdict) return false;
  return filters === null || namedDecider(trace, filters) !== undefined;
}

/** The first of some filters that decides somewhere on the way, or says in its sublayer what its layer's verdict is. */
function namedDecider({ steps }: FlowTrace, filters: readonly Filter[] | null): Filter | undefined {
  if (filters === null) return undefined;
  for (const { decision, subLayers } of steps) {
    if (decision === null) continue;
    const deciders = [
      ...decidersAmong(subLayers, decision.filter, decision.verdict),
      ...decision.alternatives.flatMap(({ filter }) => (filter === null ? [] : [filter])),
    ];
    const named = filters.find((filter) => deciders.includes(filter));
    if (named !== undefined) return named;
  }
  return undefined;
}

/** The exceptions that may speak of a pattern's flows. Ports are those of TCP and UDP: ICMP shows its type in their place. */
function exceptionsOf({ direction, family, protocol }: FlowPattern, except: readonly FlowPattern[]): readonly FlowPattern[] {
  return except.filter((other) => {
    if (other.direction !== direction || other.family !== family) return false;
    const hasPorts = other.localPort !== undefined || other.remotePort !== undefined;
    return other.protocol === "any" ? !hasPorts || protocol === TCP || protocol === UDP : other.protocol === protocol;
  });
}

function exceptions({ space: { bdd }, partOf, case: { pattern, flow } }: FlowQuestion, except: readonly FlowPattern[]): Node {
  const { profile } = flow;
  return exceptionsOf(pattern, except)
    .filter((other) => other.profile === undefined || (profile !== undefined && other.profile.includes(profile)))
    .reduce<Node>((set, other) => bdd.or(set, partOf(other)), 0);
}

/** What a part of a question is called. */
export function headingOf({ flow, pattern, icmp }: FlowCase): string {
  const protocol = PROTOCOL_NAMES.nameOf(flow.protocol) ?? `protocol ${flow.protocol}`;
  const kind = kindOf(flow);
  return [
    pattern.direction,
    protocol,
    pattern.family === 4 ? "IPv4" : "IPv6",
    ...(icmp?.kind === "errors" ? ["errors"] : []),
    ...(kind === "" ? [] : [kind]),
    ...(flow.profile === undefined ? [] : [flow.profile]),
  ].join(" ");
}

/** Cases that differ in the profile only, by one name. */
export function headingOfGroup(group: readonly FlowCase[]): string {
  const [first, ...rest] = group;
  if (first === undefined) return "";
  return [headingOf(first), ...rest.map(({ flow }) => flow.profile ?? "")].join(", ");
}

function kindOf(flow: FlowSpec): string {
  const text = formatFlow(flow);
  if (/ (127\.|\[?::1\b)/.test(text)) return "loopback";
  const many = flow.direction === "out" ? flow.remoteAddress : flow.localAddress;
  if (many === undefined) return "";
  if (many.family === 4) return many.value >>> 28 === 14 ? "multicast" : many.value === 0xffffffff ? "broadcast" : "";
  return many.bytes[0] === 0xff ? "multicast" : "";
}
