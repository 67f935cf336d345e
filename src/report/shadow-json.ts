import type { Filter, Policy, ShadowResult } from "../model/index.ts";
import { type JsonRecord, jsonRecord } from "./json-record.ts";

/** A record per finding, and a summary. */
export function shadowJson(result: ShadowResult, policy: Policy): JsonRecord[] {
  return [
    ...result.findings.map(({ kind, filter, layer, subLayerName, by }) =>
      jsonRecord("finding", { kind, layer: layer.name, subLayer: subLayerName, ...filterJson(filter), by: by.map(filterJson) }),
    ),
    jsonRecord("summary", {
      policy: policy.source,
      filters: result.filters,
      layers: result.layers,
      findings: result.findings.length,
      nodes: result.nodes,
      ...Object.fromEntries(
        (["impossible", "shadowed", "overruled", "redundant", "tie", "unsettled"] as const).map((kind) => [
          kind,
          result.findings.filter((finding) => finding.kind === kind).length,
        ]),
      ),
    }),
  ];
}

export function filterJson(filter: Filter): JsonRecord {
  return { filterId: String(filter.filterId), filterKey: filter.key, filterName: filter.name, action: filter.action.type };
}
