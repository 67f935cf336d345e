import { type Diagnostic, type Filter, fieldName, type Guid, type Layer, madeUpName } from "../model/index.ts";
import { conditionFault } from "./match/legal.ts";

type Fault = readonly [code: string, message: string];

/** What is wrong with filters that a file holds though Windows would refuse them, one diagnostic per kind and field. */
export function filterFaults(filters: readonly Filter[], layers: readonly Layer[]): Diagnostic[] {
  const byKey = new Map<Guid, Layer>(layers.map((layer) => [layer.key, layer]));
  const found = new Map<string, { -readonly [K in keyof Diagnostic]: Diagnostic[K] }>();
  const ids = new Set<bigint>();
  for (const filter of filters) {
    const faults = faultsOf(filter, byKey.get(filter.layerKey));
    if (ids.has(filter.filterId)) faults.push(["duplicate-filter", "a filter has the id of another one"]);
    ids.add(filter.filterId);
    for (const [code, message] of faults) {
      const known = found.get(message);
      if (known !== undefined) known.count++;
      else {
        const line = filter.line === undefined ? {} : { line: filter.line };
        found.set(message, { severity: "warning", code, message, count: 1, ...line });
      }
    }
  }
  return [...found.values()];
}

function faultsOf(filter: Filter, layer: Layer | undefined): Fault[] {
  if (layer === undefined) {
    return [["layer-not-found", `a filter stands at ${madeUpName(filter.layerKey) ?? filter.layerKey}, which is no layer of this policy`]];
  }
  const faults: Fault[] = [];
  for (const condition of filter.conditions) {
    const field = layer.fields.find((candidate) => candidate.key === condition.fieldKey);
    if (field !== undefined) {
      const fault = conditionFault(condition, field);
      if (fault !== undefined) faults.push([fault.code, `${layer.name}: ${fault.detail}`]);
    }
    // The reader has already told of fields and values that it could not understand.
    else if (madeUpName(condition.fieldKey) === undefined) {
      faults.push(["condition-not-found", `${layer.name} has no field ${fieldName(condition.fieldKey)}`]);
    }
  }
  return faults;
}
