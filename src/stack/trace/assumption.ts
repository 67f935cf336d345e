import { FIELD_KEY, type FieldName, type Guid, type Policy, type TraceStep } from "../../model/index.ts";

/** Something taken for granted: which fields got their value from it, and how to say otherwise. No fields: it always counts. */
export interface Assumption {
  readonly fields: readonly FieldName[];
  readonly text: string;
}

const byPolicy = new WeakMap<Policy, ReadonlyMap<Guid, ReadonlySet<Guid>>>();

/** The fields that filters look at, by layer. */
function testedFields(policy: Policy): ReadonlyMap<Guid, ReadonlySet<Guid>> {
  const cached = byPolicy.get(policy);
  if (cached !== undefined) return cached;
  const fields = new Map<Guid, Set<Guid>>();
  for (const { layerKey, conditions } of policy.filters) {
    const set = fields.get(layerKey) ?? new Set<Guid>();
    fields.set(layerKey, set);
    for (const { fieldKey } of conditions) set.add(fieldKey);
  }
  byPolicy.set(policy, fields);
  return fields;
}

/** The assumptions on which an answer rests: those about fields that a filter of a layer reached looks at. */
export function assumptionsThatCount(
  assumptions: readonly Assumption[],
  policy: Policy,
  steps: readonly TraceStep[],
  overridden: ReadonlyMap<Guid, unknown>,
): string[] {
  const tested = testedFields(policy);
  const counts = (name: FieldName): boolean => {
    const key = FIELD_KEY[name] as Guid;
    return !overridden.has(key) && steps.some(({ reached, layer }) => reached && tested.get(layer.key)?.has(key) === true);
  };
  return assumptions.filter(({ fields }) => fields.length === 0 || fields.some(counts)).map(({ text }) => text);
}
