import {
  type Condition,
  type Decision,
  FIELD_KEY,
  FILTER_FLAG,
  type FieldValue,
  type FilterResult,
  type Guid,
  type Layer,
  type NearMiss,
  UNKNOWN,
} from "../model/index.ts";

/** The conditions that made a filter miss, if they are all about one thing and nothing else speaks against it. */
function singleMiss(result: FilterResult): { readonly fieldKey: Guid; readonly failed: Condition[]; readonly held: number } | undefined {
  const failedByField = new Map<Guid, Condition[] | null>();
  for (const { condition, truth } of result.conditions) {
    const failed = failedByField.get(condition.fieldKey);
    if (truth !== "false" || failed === null) failedByField.set(condition.fieldKey, null);
    else failedByField.set(condition.fieldKey, [...(failed ?? []), condition]);
  }
  const missed = asOneFact([...failedByField].filter(([, failed]) => failed !== null));
  const [fieldKey, failed] = missed[0] ?? [];
  if (missed.length !== 1 || fieldKey === undefined || failed === undefined || failed === null) return undefined;
  return { fieldKey, failed, held: failedByField.size - 1 };
}

type Missed = readonly [Guid, Condition[] | null];

/** The network's profile stands in two fields, which differ only for a flow that has changed networks: missing both is one miss. */
function asOneFact(missed: readonly Missed[]): readonly Missed[] {
  const both =
    missed.length === 2 && missed.every(([key]) => key === FIELD_KEY.ORIGINAL_PROFILE_ID || key === FIELD_KEY.CURRENT_PROFILE_ID);
  return both ? missed.filter(([key]) => key === FIELD_KEY.ORIGINAL_PROFILE_ID) : missed;
}

/**
 * Static filters of the opposite action that failed on a single field and that would have changed the verdict, had they matched: the
 * walk did come to them, and arbitration would have let them through. Those that hold on more fields come first, then in the order of
 * evaluation. Nothing is near where the verdict is indeterminate.
 */
export function nearMisses(filters: readonly FilterResult[], decision: Decision, layer: Layer, values: readonly FieldValue[]): NearMiss[] {
  if (decision.verdict === "indeterminate") return [];
  const opposite = decision.verdict === "block" ? "FWP_ACTION_PERMIT" : "FWP_ACTION_BLOCK";
  const decider = filters.findIndex(({ filter }) => filter === decision.filter);
  const isHard = ({ filter }: FilterResult) => (filter.flags & FILTER_FLAG.CLEAR_ACTION_RIGHT) !== 0;
  const deciding = filters[decider];
  const wouldCount = (result: FilterResult, index: number): boolean => {
    if (deciding === undefined) return true;
    const before = index < decider;
    if (before && result.filter.subLayerKey === deciding.filter.subLayerKey) return true;
    // A permit above survives a block only if it is hard; a block counts wherever the permit did not make itself hard above it.
    return decision.verdict === "block" ? before && isHard(result) : before || !isHard(deciding);
  };
  const found: { readonly miss: NearMiss; readonly held: number }[] = [];
  for (const [index, result] of filters.entries()) {
    if (result.filter.action.type !== opposite || !result.consulted || result.truth !== "false") continue;
    const single = singleMiss(result);
    if (single === undefined || !wouldCount(result, index)) continue;
    const field = layer.fields.find((candidate) => candidate.key === single.fieldKey);
    const actual = field === undefined ? UNKNOWN : (values[field.index] ?? UNKNOWN);
    found.push({ miss: { filter: result.filter, failed: single.failed, actual }, held: single.held });
  }
  return found.sort((a, b) => b.held - a.held).map(({ miss }) => miss);
}
