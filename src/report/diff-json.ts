import { type DiffResult, type Filter, layerName } from "../model/index.ts";
import { type JsonRecord, jsonRecord } from "./json-record.ts";
import { witnessJson } from "./search-json.ts";

/** A record per difference in traffic, per filter that differs, and a summary. */
export function diffJson(result: DiffResult): JsonRecord[] {
  return [
    ...result.flows.map(({ heading, change, classes, more, before, after, decidedBefore, decidedAfter }) =>
      jsonRecord("difference", {
        part: heading,
        change,
        classes: classes.map(({ fields, dependsOn, isUsual }) => ({
          ...Object.fromEntries(fields.map(({ name, text }) => [name, text])),
          ...(dependsOn === undefined ? {} : { dependsOn, usual: isUsual === true }),
        })),
        more,
        decidedBefore: filterJson(decidedBefore),
        decidedAfter: filterJson(decidedAfter),
        before: witnessJson(before),
        after: witnessJson(after),
      }),
    ),
    ...result.filters.map(({ kind, before, after, differences }) =>
      jsonRecord("filter", { change: kind, before: filterJson(before), after: filterJson(after), differences }),
    ),
    jsonRecord("summary", {
      before: result.before,
      after: result.after,
      differences: result.flows.length,
      added: result.filters.filter(({ kind }) => kind === "added").length,
      removed: result.filters.filter(({ kind }) => kind === "removed").length,
      changed: result.filters.filter(({ kind }) => kind === "changed").length,
      sameKey: result.sameKey,
      sameShape: result.sameShape,
      cases: result.cost.cases,
      certainty: result.certainty,
      unsettled: result.unsettled,
      nodes: result.cost.nodes,
    }),
  ];
}

function filterJson(filter: Filter | null): JsonRecord | null {
  return filter === null
    ? null
    : {
        filterId: String(filter.filterId),
        filterKey: filter.key,
        filterName: filter.name,
        rule: filter.origin,
        layer: layerName(filter.layerKey),
      };
}
