import { collectTrace } from "../../engine/index.ts";
import type { Guid, Policy, RecordedTerminatingFilter, RecordedVerdict, SubLayerResult, VerifiedSubLayer } from "../../model/index.ts";
import { SUBLAYER_KEY, subLayerKeyOf } from "../../model/index.ts";
import type { Variant } from "./judge-verdict.ts";
import type { VerdictPolicy } from "./policy-cursor.ts";

/** Names of terminatingFiltersInfo (SCHEMA 8): the firewall's own sublayers have names of their own there. */
const INTERNAL: Readonly<Record<string, Guid>> = {
  WF: SUBLAYER_KEY.MPSSVC_WF,
  WSH: SUBLAYER_KEY.MPSSVC_WSH,
  QUARANTINE: SUBLAYER_KEY.MPSSVC_QUARANTINE,
  APP_ISOLATION: SUBLAYER_KEY.MPSSVC_APP_ISOLATION,
};

/** The sublayer that a net event names; undefined where this policy has none such. */
export function netEventSubLayer(name: string, policy: Policy): Guid | undefined {
  const internal = /^FWPP_SUBLAYER_INTERNAL_FIREWALL_(.+)$/.exec(name)?.[1];
  if (internal !== undefined) return INTERNAL[internal];
  const key = subLayerKeyOf(name);
  return policy.subLayers.find((subLayer) => subLayer.key === key || subLayer.name === name)?.key;
}

/** Each sublayer's recorded terminating filter beside what the model finds in that sublayer (WFP-DIAGNOSTICS-FIREWALL 5.1). */
export function judgeSubLayers(
  { terminatingFilters }: RecordedVerdict,
  variants: readonly Variant[],
  policy: VerdictPolicy,
): readonly VerifiedSubLayer[] {
  if (terminatingFilters.length === 0) return [];
  const results = variants.flatMap(
    ({ engine, layer, values }) => collectTrace(engine, layer, values, { metadata: {} }, { filters: false }).subLayers,
  );
  return terminatingFilters.map((recorded) => judgeSubLayer(recorded, results, policy));
}

function judgeSubLayer(recorded: RecordedTerminatingFilter, results: readonly SubLayerResult[], policy: VerdictPolicy): VerifiedSubLayer {
  const { filterId, subLayer, action } = recorded;
  const key = netEventSubLayer(subLayer, policy.engine.policy);
  if (policy.filter(filterId) === undefined || key === undefined)
    return { filterId, subLayer, action, result: "unresolvable", candidates: 0 };
  const ids = new Set<bigint | null>();
  for (const result of results) {
    if (result.subLayerKey !== key) continue;
    if (result.candidates.length > 0) for (const candidate of result.candidates) ids.add(candidate.filterId);
    else ids.add(result.filter?.filterId ?? null);
  }
  const result = !ids.has(filterId) ? "contradiction" : ids.size === 1 ? "exact" : "compatible";
  return { filterId, subLayer, action, result, candidates: ids.size };
}
