import { classRows, type Dimension, type PacketSpace } from "../../analysis/index.ts";
import type { FilterEngine } from "../../engine/index.ts";
import { FIELD_KEY, type FlowPattern, type Guid, type NumberRange, type SearchAnswer, type SearchResult } from "../../model/index.ts";
import { constantsOf } from "../suite/policy-constants.ts";
import { withProtocols } from "../suite/run-flow-test.ts";
import { flowCases } from "./flow-cases.ts";
import { flowQuestions } from "./flow-question.ts";
import { headingOf, type SearchOptions, searchFlows } from "./search-flows.ts";

/** Products of addresses and ports that are followed from one host to the other, for each case. */
const FOLLOWED = 500;

const ENDS = [FIELD_KEY.IP_LOCAL_ADDRESS, FIELD_KEY.IP_REMOTE_ADDRESS, FIELD_KEY.IP_LOCAL_PORT, FIELD_KEY.IP_REMOTE_PORT] as const;

/**
 * What gets from one host to another: the flows that the first lets out, followed into the second, where local and remote have changed
 * places. Which program sends is the first host's business, which one listens the second's.
 */
export function reachBetween(from: FilterEngine, to: FilterEngine, patterns: readonly FlowPattern[], options: SearchOptions): SearchResult {
  const started = options.now();
  const answers: SearchAnswer[] = [];
  const unsettled: string[] = [];
  let cases = 0;
  let nodes = 0;
  for (const pattern of withProtocols(patterns, constantsOf(from.policy).protocols)) {
    for (const flowCase of flowCases(pattern)) {
      if (flowCase.flow.profile === "none") continue;
      cases++;
      const [question] = flowQuestions([from], flowCase, options);
      if (question === undefined) continue;
      const { space } = question;
      const { rows, more } = classRows(space, question.sets().permit, ENDS, FOLLOWED);
      nodes = Math.max(nodes, space.bdd.peak);
      if (more) unsettled.push(`${headingOf(flowCase)}: more than ${FOLLOWED} products of addresses and ports leave the first host`);
      const seen = new Set<string>();
      for (const row of rows) {
        const ranges = (fieldKey: Guid, asked: readonly NumberRange[] | undefined) => rangesOf(space, fieldKey, row.get(fieldKey)) ?? asked;
        const inbound: FlowPattern = {
          text: pattern.text,
          position: pattern.position,
          direction: "in",
          protocol: flowCase.flow.protocol,
          family: pattern.family,
          localAddress: ranges(FIELD_KEY.IP_REMOTE_ADDRESS, flowCase.remoteAddress) ?? [],
          remoteAddress: ranges(FIELD_KEY.IP_LOCAL_ADDRESS, flowCase.localAddress) ?? [],
          ...withPorts("localPort", ranges(FIELD_KEY.IP_REMOTE_PORT, pattern.remotePort)),
          ...withPorts("remotePort", ranges(FIELD_KEY.IP_LOCAL_PORT, pattern.localPort)),
          ...(flowCase.flow.profile === undefined ? {} : { profile: [flowCase.flow.profile] }),
          told: { direction: "in", protocol: flowCase.flow.protocol, overrides: [] },
          any: new Set(),
        };
        const found = searchFlows(to, [inbound], { ...options, except: [] });
        nodes = Math.max(nodes, found.cost.nodes);
        unsettled.push(...found.unsettled);
        for (const answer of found.answers) {
          const text = JSON.stringify([answer.heading, answer.classes.map(({ fields }) => fields)]);
          if (seen.has(text)) continue;
          seen.add(text);
          answers.push({ ...answer, heading: `${headingOf(flowCase)}, then ${answer.heading}` });
        }
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
    cost: { nodes, cases, seconds: Math.max(0, options.now() - started) },
  };
}

function withPorts(name: "localPort" | "remotePort", ranges: readonly NumberRange[] | undefined) {
  return ranges === undefined ? {} : { [name]: ranges };
}

function rangesOf(space: PacketSpace, fieldKey: Guid, classes: readonly number[] | undefined): readonly NumberRange[] | undefined {
  const dimension: Dimension | undefined = space.dimensionOf(fieldKey);
  if (classes === undefined || dimension?.kind !== "classes") return undefined;
  return classes.flatMap((index) => dimension.classes.intervals(index)?.intervals ?? []);
}
