import { type Filter, type FlowTrace, parseGuid, type SubLayerResult, type TraceStep, type Verdict } from "../../model/index.ts";

/** Filters of the rule and the defaults both: the winner's, and in other sublayers those that said the same (WFP-SEMANTICS 4). */
export function decidersOf(step: TraceStep | null, verdict: Verdict): readonly Filter[] {
  if (step?.decision == null) return [];
  return decidersAmong(step.subLayers, step.decision.filter, verdict);
}

/** The same of any classification. */
export function decidersAmong(subLayers: readonly SubLayerResult[], winner: Filter | null, verdict: Verdict): readonly Filter[] {
  const agreeing = subLayers.flatMap(({ filter, action, candidates }) =>
    action !== verdict ? [] : filter === null ? candidates : [filter],
  );
  return [...new Set([...(winner === null ? [] : [winner]), ...agreeing])];
}

/** Every filter that ended a sublayer anywhere on the flow's way. */
export function exercisedBy({ steps }: FlowTrace): readonly Filter[] {
  return steps.flatMap(({ subLayers }) => subLayers.flatMap(({ filter }) => (filter === null ? [] : [filter])));
}

/** Whether `text` means this filter: its id, key, name or origin. */
export function isNamed(filter: Filter, text: string): boolean {
  const wanted = text.toLowerCase();
  const number = /^#?(0x[0-9a-f]+|\d+)$/.exec(wanted)?.[1];
  if (number !== undefined && filter.filterId === BigInt(number)) return true;
  const key = parseGuid(text);
  if (key !== undefined && filter.key === key) return true;
  return filter.name.toLowerCase() === wanted || filter.origin?.toLowerCase() === wanted;
}

/** Whether a layer is the one a suite names, with or without its family. */
export function isLayer(name: string, wanted: string): boolean {
  const short = name.replace(/^FWPM_LAYER_/, "");
  return short === wanted || short.replace(/_V[46](?=$|_DISCARD$)/, "") === wanted;
}
