import type { Diagnostic, Filter, Guid, Layer } from "../model/index.ts";
import { conditionFault } from "./match/legal.ts";

/** What is wrong with filters that a file holds though Windows would refuse them, one diagnostic per kind and field. */
export function filterFaults(filters: readonly Filter[], layers: readonly Layer[]): Diagnostic[] {
  const byKey = new Map<Guid, Layer>(layers.map((layer) => [layer.key, layer]));
  const found = new Map<string, { -readonly [K in keyof Diagnostic]: Diagnostic[K] }>();
  for (const filter of filters) {
    for (const [code, message] of faultsOf(filter, byKey.get(filter.layerKey))) {
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

function* faultsOf(filter: Filter, layer: Layer | undefined): Generator<readonly [code: string, message: string]> {
  if (layer === undefined) {
    yield ["layer-not-found", `a filter stands at ${filter.layerKey}, which is no layer of this policy`];
    return;
  }
  for (const condition of filter.conditions) {
    const field = layer.fields.find((candidate) => candidate.key === condition.fieldKey);
    if (field === undefined) yield ["condition-not-found", `${layer.name} has no field ${condition.fieldKey}`];
    else {
      const fault = conditionFault(condition, field);
      if (fault !== undefined) yield [fault.code, `${layer.name}: ${fault.detail}`];
    }
  }
}
