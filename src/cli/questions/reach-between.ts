import { BudgetExceeded, classRows, type Dimension, FALSE, type PacketSpace } from "../../analysis/index.ts";
import type { FilterEngine } from "../../engine/index.ts";
import {
  byteArray16,
  FIELD_KEY,
  type FlowPattern,
  type FlowSpec,
  type FwpValue,
  type Guid,
  type IpAddress,
  type NumberRange,
  type SearchAnswer,
  type SearchResult,
  uint16,
  uint32,
  type Witness,
} from "../../model/index.ts";
import { traceFlow } from "../../stack/index.ts";
import { askedClasses } from "./class-text.ts";
import { flowCases, groupsOf, type IcmpRanges, isLoopbackCase } from "./flow-cases.ts";
import { caseQuestions, type FlowQuestion } from "./flow-question.ts";
import { mergeRows } from "./merge-rows.ts";
import { NodeBudget } from "./node-budget.ts";
import { headingOf, headingOfGroup, patternsOf, type SearchOptions, searchFlows } from "./search-flows.ts";

/** Products of addresses and ports that are followed from one host to the other, for each case. */
const FOLLOWED = 500;

const ENDS = [FIELD_KEY.IP_LOCAL_ADDRESS, FIELD_KEY.IP_REMOTE_ADDRESS, FIELD_KEY.IP_LOCAL_PORT, FIELD_KEY.IP_REMOTE_PORT] as const;

export interface ReachBetweenOptions extends SearchOptions {
  /** Windows and drives of the host at the other end. */
  readonly there: Pick<SearchOptions, "windows" | "volumes">;
}

/**
 * What gets from one host to another: the flows that the first lets out, followed into the second, where local and remote have changed
 * places. Which program sends is the first host's business, which one listens the second's; each has its own idea of what network it is on.
 */
export function reachBetween(
  from: FilterEngine,
  to: FilterEngine,
  patterns: readonly FlowPattern[],
  options: ReachBetweenOptions,
): SearchResult {
  const started = options.now();
  const answers: SearchAnswer[] = [];
  const unsettled: string[] = [];
  const assumptions = new Set<string>();
  const found = new Set<string>();
  let cases = 0;
  let nodes = 0;
  const allowed = new NodeBudget(options.maxNodes);
  for (const pattern of patternsOf([from, to], patterns)) {
    // What a host says to itself gets to no other one.
    for (const group of groupsOf([...flowCases(pattern)].filter((flowCase) => !isLoopbackCase(flowCase)))) {
      cases += group.length;
      try {
        for (const { case: flowCase, questions } of caseQuestions([from], group, { ...options, ...allowed.option })) {
          const [question] = questions;
          if (question === undefined) continue;
          const heading = headingOf(flowCase);
          const { rows, more } = classRows(question.space, question.sets().permit, ENDS, FOLLOWED);
          nodes = Math.max(nodes, question.space.bdd.peak);
          if (more) unsettled.push(`${heading}: more than ${FOLLOWED} classes of addresses and ports leave the first host`);
          for (const text of traceFlow(from, flowCase.flow, options).assumptions) assumptions.add(`here, ${text}`);
          for (const row of mergeRows(rows)) {
            const { inbound, icmp } = arriving(question, row);
            const arrived = searchFlows(to, [inbound], {
              ...options,
              ...options.there,
              except: [],
              ...(icmp === undefined ? {} : { icmp }),
              always: limitedThere(question, row),
            });
            nodes = Math.max(nodes, arrived.cost.nodes);
            unsettled.push(...arrived.unsettled.map((text) => `${heading}, then ${text}`));
            for (const text of arrived.assumptions) assumptions.add(`there, ${text}`);
            for (const answer of arrived.answers) {
              const sent = sentAs(from, question, answer.witness.flow, options);
              if (sent === null) {
                unsettled.push(`${heading}, then ${answer.heading}: by trace the example does not leave the first host`);
                continue;
              }
              found.add(heading);
              const witness = withEnds(to, answer.witness, sent, { ...options, ...options.there });
              addAnswer(answers, { ...answer, witness, heading: `${heading}, then ${answer.heading}`, sent });
            }
          }
        }
      } catch (error) {
        if (!(error instanceof BudgetExceeded)) throw error;
        allowed.exceeded(error);
        nodes = Math.max(nodes, error.nodes);
        unsettled.push(`${headingOfGroup(group)}: ${error.message}`);
      }
      options.onCase?.(cases);
    }
  }
  return {
    question: options.question,
    verdict: "permit",
    decidedBy: null,
    answers,
    certainty: unsettled.length === 0 ? "proved" : "bounded",
    unsettled,
    found: found.size,
    assumptions: [...assumptions],
    cost: { nodes, cases, seconds: Math.max(0, options.now() - started) },
  };
}

/** The same answer for the sender's networks is one answer. */
function addAnswer(answers: SearchAnswer[], answer: SearchAnswer): void {
  const [sender = "", receiver = ""] = answer.heading.split(", then ");
  const known = answers.findIndex((other) => {
    const [itsSender = "", itsReceiver = ""] = other.heading.split(", then ");
    return receiver === itsReceiver && kindOf(sender) === kindOf(itsSender) && sameText(answer) === sameText(other);
  });
  const before = answers[known];
  if (before === undefined) answers.push(answer);
  else if (!before.heading.split(", then ")[0]?.split(/,? /).includes(profileOf(sender))) {
    answers[known] = { ...before, heading: before.heading.replace(", then ", `, ${profileOf(sender)}, then `) };
  }
}

const PROFILES = /(?:,? (?:none|public|private|domain))+$/;
const kindOf = (heading: string) => heading.replace(PROFILES, "");
const profileOf = (heading: string) => heading.slice(heading.lastIndexOf(" ") + 1);
const sameText = ({ classes, more, decidedBy }: SearchAnswer) =>
  JSON.stringify([classes.map(({ fields }) => fields), more, decidedBy?.name]);

/** Fields of the receiver that a product limits more than the question does. */
function limitedThere({ space, within, case: { icmp } }: FlowQuestion, row: ReadonlyMap<Guid, readonly number[]>): ReadonlySet<Guid> {
  const ports =
    icmp === undefined ? [FIELD_KEY.IP_REMOTE_PORT, FIELD_KEY.IP_LOCAL_PORT] : [FIELD_KEY.IP_LOCAL_PORT, FIELD_KEY.IP_REMOTE_PORT];
  const swapped: ReadonlyMap<Guid, Guid | undefined> = new Map([
    [FIELD_KEY.IP_LOCAL_ADDRESS, FIELD_KEY.IP_REMOTE_ADDRESS],
    [FIELD_KEY.IP_REMOTE_ADDRESS, FIELD_KEY.IP_LOCAL_ADDRESS],
    [FIELD_KEY.IP_LOCAL_PORT, ports[0]],
    [FIELD_KEY.IP_REMOTE_PORT, ports[1]],
  ]);
  return new Set(
    [...row].flatMap(([fieldKey, classes]) =>
      askedClasses(space, within, fieldKey)?.length === classes.length ? [] : (swapped.get(fieldKey) ?? []),
    ),
  );
}

/** The flows of a product as they come in at the other host, on whatever network that takes itself to be on. */
function arriving(
  { space, case: { pattern, flow, localAddress, remoteAddress, icmp } }: FlowQuestion,
  row: ReadonlyMap<Guid, readonly number[]>,
): { readonly inbound: FlowPattern; readonly icmp?: IcmpRanges } {
  const ranges = (fieldKey: Guid, asked: readonly NumberRange[] | undefined) => rangesOf(space, fieldKey, row.get(fieldKey)) ?? asked;
  const ports = { local: ranges(FIELD_KEY.IP_LOCAL_PORT, pattern.localPort), remote: ranges(FIELD_KEY.IP_REMOTE_PORT, pattern.remotePort) };
  const isIcmp = flow.protocol === 1 || flow.protocol === 58;
  const told = isIcmp ? pattern.told.icmp : undefined;
  const inbound: FlowPattern = {
    text: pattern.text,
    position: pattern.position,
    direction: "in",
    protocol: flow.protocol,
    family: pattern.family,
    localAddress: ranges(FIELD_KEY.IP_REMOTE_ADDRESS, remoteAddress) ?? [],
    remoteAddress: ranges(FIELD_KEY.IP_LOCAL_ADDRESS, localAddress) ?? [],
    ...(isIcmp || ports.remote === undefined ? {} : { localPort: ports.remote }),
    ...(isIcmp || ports.local === undefined ? {} : { remotePort: ports.local }),
    ...(pattern.profile === undefined ? {} : { profile: pattern.profile }),
    told: {
      direction: "in",
      protocol: flow.protocol,
      family: pattern.family,
      ...(told === undefined ? {} : { icmp: told }),
      overrides: [],
    },
    any: new Set(),
  };
  // ICMP has its type at the local and its code at the remote end, whoever sends.
  return icmp === undefined ? { inbound } : { inbound, icmp: { types: ports.local ?? icmp.types, codes: ports.remote ?? icmp.codes } };
}

/** An arriving flow as the first host sends it, by some program that may; null where trace says that none may. */
function sentAs(from: FilterEngine, question: FlowQuestion, arrived: FlowSpec, options: SearchOptions): Witness | null {
  const { space } = question;
  let wanted = question.sets().permit;
  const ends = turned(arrived);
  for (const [fieldKey, value] of valuesOf(ends)) {
    const dimension = space.dimensionOf(fieldKey);
    if (dimension?.kind !== "classes") continue;
    wanted = space.bdd.and(wanted, space.classesSet(dimension, [dimension.classes.classOf(value)]));
  }
  if (wanted === FALSE) return null;
  const cube = question.witness(wanted);
  if (cube === undefined) return null;
  const flow: FlowSpec = { ...question.flow(cube), ...ends };
  const trace = traceFlow(from, flow, options);
  return trace.verdict === "permit" ? { flow, trace } : null;
}

type Ends = Pick<FlowSpec, "localAddress" | "remoteAddress" | "localPort" | "remotePort" | "icmp">;

/** What is told of a flow's ends, as the host at the other end sees it. */
function turned({ localAddress, remoteAddress, localPort, remotePort, icmp }: FlowSpec): Ends {
  return {
    ...(remoteAddress === undefined ? {} : { localAddress: remoteAddress }),
    ...(localAddress === undefined ? {} : { remoteAddress: localAddress }),
    ...(remotePort === undefined ? {} : { localPort: remotePort }),
    ...(localPort === undefined ? {} : { remotePort: localPort }),
    ...(icmp === undefined ? {} : { icmp }),
  };
}

/** The flow as it arrives with the ends that the first host sends it with, where none of the second host's filters asks. */
function withEnds(to: FilterEngine, witness: Witness, { flow: sent }: Witness, options: SearchOptions): Witness {
  const flow: FlowSpec = { ...turned(sent), ...witness.flow };
  const trace = traceFlow(to, flow, options);
  return trace.verdict === witness.trace.verdict ? { flow, trace } : witness;
}

/** What a flow's ends are at the layers. */
function valuesOf({ localAddress, remoteAddress, localPort, remotePort, icmp }: Ends): readonly (readonly [Guid, FwpValue])[] {
  const address = (fieldKey: Guid, found: IpAddress | undefined): readonly (readonly [Guid, FwpValue])[] =>
    found === undefined ? [] : [[fieldKey, found.family === 4 ? uint32(found.value) : byteArray16(found.bytes)]];
  const port = (fieldKey: Guid, found: number | undefined): readonly (readonly [Guid, FwpValue])[] =>
    found === undefined ? [] : [[fieldKey, uint16(found)]];
  return [
    ...address(FIELD_KEY.IP_LOCAL_ADDRESS, localAddress),
    ...address(FIELD_KEY.IP_REMOTE_ADDRESS, remoteAddress),
    ...port(FIELD_KEY.IP_LOCAL_PORT, icmp?.type ?? localPort),
    ...port(FIELD_KEY.IP_REMOTE_PORT, icmp?.code ?? remotePort),
  ];
}

/** The values of some classes; undefined where they are all that is asked about, or told apart by bits: then all are followed, and trace decides. */
function rangesOf(space: PacketSpace, fieldKey: Guid, classes: readonly number[] | undefined): readonly NumberRange[] | undefined {
  const dimension: Dimension | undefined = space.dimensionOf(fieldKey);
  if (classes === undefined || dimension?.kind !== "classes") return undefined;
  const parts = classes.map((index) => dimension.classes.intervals(index)?.intervals);
  return parts.includes(undefined) ? undefined : parts.flatMap((part) => part ?? []);
}
