import type { Filter, Policy, ShadowResult } from "../model/index.ts";
import { type JsonRecord, jsonRecord } from "./json-record.ts";

const KINDS = ["impossible", "shadowed", "overruled", "redundant", "tie", "unsettled"] as const;

/** A record per rule and per finding, and a summary; `left` findings are not among them. */
export function shadowJson(result: ShadowResult, policy: Policy, left: number): JsonRecord[] {
  return [
    ...result.rules.map(({ kind, rule, name, filters, by }) =>
      jsonRecord("rule", { kind, rule, name, filters: filters.map(filterJson), by: by.map(filterJson) }),
    ),
    ...result.findings.map(({ kind, filter, layer, subLayerName, by, rule, isOwn }) =>
      jsonRecord("finding", {
        kind,
        layer: layer.name,
        subLayer: subLayerName,
        ...filterJson(filter),
        rule,
        windowsOwn: isOwn,
        by: by.map(filterJson),
      }),
    ),
    jsonRecord("summary", {
      policy: policy.source,
      filters: result.filters,
      layers: result.layers,
      rules: result.rules.length,
      findings: result.findings.length,
      ...Object.fromEntries(KINDS.map((kind) => [kind, result.findings.filter((finding) => finding.kind === kind).length])),
      left,
      incomplete: result.incomplete.map(({ name }) => name),
      nodes: result.nodes,
    }),
  ];
}

export function filterJson(filter: Filter): JsonRecord {
  return { filterId: String(filter.filterId), filterKey: filter.key, filterName: filter.name, action: filter.action.type };
}
