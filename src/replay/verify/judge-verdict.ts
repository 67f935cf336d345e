import { collectTrace, type FilterEngine } from "../../engine/index.ts";
import {
  type Alternative,
  CONDITION_FLAG,
  type Contradiction,
  type FieldValue,
  type Filter,
  type FilterResult,
  type Layer,
  type RecordedVerdict,
  UNKNOWN,
  type UnresolvableCause,
  type VerifiedEvent,
  type VerifyClass,
  type VerifyTie,
} from "../../model/index.ts";
import { type IndicationFacts, SHIMS } from "../../stack/index.ts";
import { judgeSubLayers } from "./judge-sublayers.ts";
import type { VerdictPolicy } from "./policy-cursor.ts";
import { type ExtraFacts, factsOfVerdict } from "./verdict-facts.ts";

type Shim = (typeof SHIMS)[keyof typeof SHIMS];

const shims = new Map<string, Shim>(Object.values(SHIMS).flatMap((shim) => [shim.layer[4], shim.layer[6]].map((key) => [key, shim])));

/** Everything that an event says, computed anew with the policy as it stands. */
export interface Judged {
  readonly verdict: RecordedVerdict;
  readonly policy: VerdictPolicy;
  readonly extra: ExtraFacts;
  /** False where the log has the flow before: then Windows may have authorized it anew. */
  readonly isFirst: boolean;
}

const NOTHING = { candidates: [], fitting: 0, contradiction: null, tie: null, unknown: [], learned: [], lag: 0, subLayers: [] } as const;

/** One recorded verdict compared with what the model says. `policy` has been moved to its time. */
export function judgeVerdict({ verdict, policy, extra, isFirst }: Judged): VerifiedEvent {
  const named = verdict.filterId !== null && verdict.filterId !== 0n ? verdict.filterId : null;
  const filter = named === null ? null : (policy.filter(named) ?? null);
  const layer = verdict.layerId === null ? undefined : policy.layer(verdict.layerId);
  const shim = layer === undefined ? undefined : shims.get(layer.key);
  const base = { verdict, layer: layer ?? null, filter };
  const unresolved = (cause: UnresolvableCause): VerifiedEvent => ({
    ...base,
    ...NOTHING,
    result: named === null ? null : "unresolvable",
    action: "not-judged",
    cause,
  });
  if (layer === undefined || shim === undefined) return unresolved("unknown-layer");
  if (named !== null && filter === null) return unresolved("no-such-filter");
  if (filter !== null && filter.layerKey !== layer.key) return unresolved("other-layer");
  const facts = factVariants(verdict, layer, extra);
  const ways = (first: boolean): readonly IndicationFacts[] => facts.flatMap((known) => flagVariants(known, layer, first));
  let judgment = judge(policy.engine, shim, layer, ways(isFirst));
  let result = filter === null ? null : classOf(judgment.outcomes, filter, verdict.action);
  if (result === "contradiction" && isFirst) {
    // The flow may be older than the log.
    const again = judge(policy.engine, shim, layer, ways(false));
    if (filter !== null && classOf(again.outcomes, filter, verdict.action) !== "contradiction") {
      judgment = again;
      result = "compatible";
    }
  }
  return {
    ...base,
    result,
    candidates: filtersOf(judgment.outcomes),
    action: compareAction(judgment.outcomes, verdict.action),
    fitting: filtersOf(judgment.outcomes.filter((outcome) => outcome.verdict === verdict.action)).length,
    cause: null,
    contradiction: filter !== null && result === "contradiction" ? explain(judgment, filter, verdict.action) : null,
    tie: filter === null ? null : tieOf(judgment, filter),
    unknown: unknownFields(judgment, layer),
    learned: [],
    lag: 0,
    subLayers: judgeSubLayers(verdict, judgment.variants, policy),
  };
}

/** A set of profiles is no value of a field: each is judged by itself. */
function factVariants(verdict: RecordedVerdict, layer: Layer, extra: ExtraFacts): readonly IndicationFacts[] {
  if (extra.originalProfile !== undefined || extra.originalProfiles === undefined) return [factsOfVerdict(verdict, layer, extra)];
  return extra.originalProfiles.map((originalProfile) => factsOfVerdict(verdict, layer, { ...extra, originalProfile }));
}

/** One way in which the unknown bits of FLAGS can stand. */
export interface Variant {
  readonly engine: FilterEngine;
  readonly layer: Layer;
  readonly values: readonly FieldValue[];
}

interface Judgment {
  readonly variants: readonly Variant[];
  readonly outcomes: readonly Alternative[];
}

function judge(engine: FilterEngine, shim: Shim, layer: Layer, ways: readonly IndicationFacts[]): Judgment {
  const outcomes: Alternative[] = [];
  const variants: Variant[] = [];
  for (const facts of ways) {
    const values = shim.values(facts, layer);
    variants.push({ engine, layer, values });
    const decision = engine.classify(layer, values, { metadata: shim.metadata(facts, layer) });
    if (decision.alternatives.length > 0) outcomes.push(...decision.alternatives);
    else if (decision.verdict !== "indeterminate")
      outcomes.push({ verdict: decision.verdict, code: decision.code, filter: decision.filter });
  }
  return { variants, outcomes };
}

/** Names of the fields that keep the candidates apart and that nobody knows. */
function unknownFields({ outcomes, variants }: Judgment, layer: Layer): readonly string[] {
  const candidates = filtersOf(outcomes);
  if (candidates.length < 2) return [];
  const names = new Set<string>();
  for (const field of layer.fields) {
    const isTested = candidates.some((filter) => filter?.conditions.some(({ fieldKey }) => fieldKey === field.key));
    if (!isTested) continue;
    const values = variants.map(({ values: list }) => list[field.index] ?? UNKNOWN);
    const [first] = values;
    const differ = values.some((value) => isOpen(value) || !sameNumber(value, first));
    if (differ) names.add(field.name);
  }
  return [...names];
}

function isOpen(value: FieldValue): boolean {
  if (value === UNKNOWN) return true;
  if (value.type !== "FWP_TOKEN_ACCESS_INFORMATION_TYPE") return false;
  const { user, groups, packageSid, capabilities } = value.value;
  return [user, groups, packageSid, capabilities].includes(UNKNOWN);
}

function sameNumber(a: FieldValue, b: FieldValue | undefined): boolean {
  if (a === UNKNOWN || b === UNKNOWN || b === undefined) return a === b;
  return !("value" in a) || !("value" in b) || typeof a.value === "object" || a.value === b.value;
}

const { IS_LOOPBACK, IS_NON_APPCONTAINER_LOOPBACK, IS_APPCONTAINER_LOOPBACK, IS_RESERVED } = CONDITION_FLAG;

/**
 * FLAGS is one number of which some bits are known and others are not. Every way the others can stand is judged by itself, because a
 * filter that asks for a known bit must not become uncertain.
 */
function flagVariants(facts: IndicationFacts, layer: Layer, isFirst: boolean): readonly IndicationFacts[] {
  if (!/ALE_AUTH_(CONNECT|RECV_ACCEPT)/.test(layer.name)) {
    return facts.isLoopback === UNKNOWN ? [false, true].map((isLoopback) => ({ ...facts, isLoopback })) : [facts];
  }
  const occasions = isFirst ? [facts] : [facts, ...reauthorizations(facts)];
  return occasions.flatMap((occasion) => {
    if (occasion.isLoopback === false) return [occasion];
    const loopback = loopbackVariants({ ...occasion, isLoopback: true });
    return occasion.isLoopback === true ? loopback : [{ ...occasion, isLoopback: false }, ...loopback];
  });
}

/** A flow is authorized anew when the policy has changed, by its next packet in either direction (WFP-SHIMS 4.6). */
function reauthorizations(facts: IndicationFacts): readonly IndicationFacts[] {
  const crossed = facts.arrivalInterface ?? facts.nexthopInterface;
  const flags = facts.flags | CONDITION_FLAG.IS_REAUTHORIZE;
  return [
    { ...facts, flags, direction: "inbound", arrivalInterface: crossed, nexthopInterface: null },
    { ...facts, flags, direction: "outbound", arrivalInterface: null, nexthopInterface: crossed },
  ];
}

/** Loopback traffic says at AUTH_CONNECT and AUTH_RECV_ACCEPT whether an AppContainer takes part (WFP-DIAGNOSTICS-FIREWALL 6.4). */
function loopbackVariants(facts: IndicationFacts): readonly IndicationFacts[] {
  const { token } = facts.process;
  const bits = facts.flags | IS_LOOPBACK;
  const plain: IndicationFacts = {
    ...facts,
    peerPackage: null,
    exactFlags: bits | IS_NON_APPCONTAINER_LOOPBACK,
    process: { ...facts.process, token: { ...token, packageSid: null, capabilities: [], attributes: {} } },
  };
  const contained = [bits | IS_APPCONTAINER_LOOPBACK, bits | IS_RESERVED, bits].map((exactFlags) => ({ ...facts, exactFlags }));
  if (token.packageSid === UNKNOWN) return [plain, ...contained];
  return token.packageSid === null ? [plain, ...contained] : contained;
}

function filtersOf(outcomes: readonly Alternative[]): readonly (Filter | null)[] {
  const found = new Map<bigint | null, Filter | null>();
  for (const { filter } of outcomes) found.set(filter?.filterId ?? null, filter);
  return [...found.values()];
}

function compareAction(outcomes: readonly Alternative[], recorded: RecordedVerdict["action"]): VerifiedEvent["action"] {
  const same = outcomes.filter(({ verdict }) => verdict === recorded).length;
  if (same === 0) return "differs";
  return same === outcomes.length ? "agrees" : "open";
}

function classOf(outcomes: readonly Alternative[], filter: Filter, recorded: RecordedVerdict["action"]): VerifyClass {
  const isRecorded = (outcome: Alternative): boolean => outcome.filter?.filterId === filter.filterId && outcome.verdict === recorded;
  if (!outcomes.some(isRecorded)) return "contradiction";
  return outcomes.every(isRecorded) ? "exact" : "compatible";
}

interface FilterTrace {
  readonly filters: readonly FilterResult[];
  readonly own: FilterResult;
  readonly values: readonly FieldValue[];
}

/** Every filter of the layer, for the variant under which most of the recorded filter's conditions hold. */
function bestTrace({ variants }: Judgment, filter: Filter): FilterTrace | null {
  const traces = variants.flatMap(({ engine, layer, values }) => {
    const { filters } = collectTrace(engine, layer, values, { metadata: {} }, { filters: true });
    const own = filters.find((result) => result.filter.filterId === filter.filterId);
    return own === undefined ? [] : [{ filters, own, values }];
  });
  const falseOnes = ({ own }: (typeof traces)[number]): number => own.conditions.filter(({ truth }) => truth === "false").length;
  return traces.toSorted((a, b) => falseOnes(a) - falseOnes(b))[0] ?? null;
}

function explain(judgment: Judgment, filter: Filter, recorded: RecordedVerdict["action"]): Contradiction {
  const trace = bestTrace(judgment, filter);
  const stronger = filtersOf(judgment.outcomes).filter((candidate): candidate is Filter => candidate !== null && candidate !== filter);
  if (trace === null) return { summary: "the recorded filter was not active at that time", conditions: [], values: [], stronger };
  const decides = judgment.outcomes.some((outcome) => outcome.filter?.filterId === filter.filterId);
  const summary =
    trace.own.truth === "false"
      ? "conditions of the recorded filter do not hold"
      : decides
        ? `the recorded filter decides, but to ${recorded === "permit" ? "block" : "permit"}`
        : "other filters come before the recorded one";
  return { summary, conditions: trace.own.conditions, values: trace.values, stronger };
}

/** Filters of the same sublayer and weight that match for certain as the recorded one does. */
function tieOf(judgment: Judgment, filter: Filter): VerifyTie | null {
  const [first] = judgment.variants;
  if (first === undefined) return null;
  const isRival = (other: Filter): boolean =>
    other.layerKey === filter.layerKey && other.subLayerKey === filter.subLayerKey && other.effectiveWeight === filter.effectiveWeight;
  if (!first.engine.policy.filters.some((other) => other !== filter && isRival(other))) return null;
  const trace = bestTrace(judgment, filter);
  if (trace === null || trace.own.truth !== "true") return null;
  const filters = trace.filters.filter(({ filter: other, truth }) => truth === "true" && isRival(other)).map(({ filter: other }) => other);
  if (filters.length < 2) return null;
  return {
    weight: filter.effectiveWeight,
    filters: filters.toSorted((a, b) => (a.filterId > b.filterId ? -1 : 1)),
    recorded: filter.filterId,
  };
}
