import { type Decision, type Dependency, type SubLayerResult, subLayerName } from "../model/index.ts";
import type { JsonRecord } from "./json-record.ts";

/** The members every record with a decision has. `filterId` and its companions are null where no filter decided. */
export function decisionJson(decision: Decision, subLayers: readonly SubLayerResult[]): JsonRecord {
  const { verdict, filter, code, alternatives, dependsOn, absorbed } = decision;
  return {
    verdict,
    filterId: filter === null ? null : String(filter.filterId),
    filterKey: filter?.key ?? null,
    filterName: filter?.name ?? null,
    code,
    ...(absorbed ? { absorbed } : {}),
    sublayers: subLayers.map(subLayerJson),
    dependsOn: dependsOn.map(dependencyJson),
    ...(alternatives.length === 0
      ? {}
      : {
          alternatives: alternatives.map((alternative) => ({
            verdict: alternative.verdict,
            code: alternative.code,
            filterId: alternative.filter === null ? null : String(alternative.filter.filterId),
          })),
        }),
  };
}

function subLayerJson(result: SubLayerResult): JsonRecord {
  const known = subLayerName(result.subLayerKey);
  return {
    // Well-known names first; a GUID only where the policy has no name either.
    subLayer: known === result.subLayerKey ? result.subLayerName : known,
    subLayerKey: result.subLayerKey,
    weight: result.weight,
    filterId: result.filter === null ? null : String(result.filter.filterId),
    action: result.action,
    rights: result.rights,
    before: result.before,
    after: result.after,
    ...(result.vetoed ? { vetoed: true } : {}),
    ...(result.candidates.length === 0 ? {} : { candidates: result.candidates.map((filter) => String(filter.filterId)) }),
  };
}

export function dependencyJson(dependency: Dependency): JsonRecord {
  if (dependency.kind === "field") return { kind: "field", field: dependency.field, fieldKey: dependency.fieldKey };
  const { kind, calloutKey, calloutName, filterId, filterName } = dependency;
  return { kind, calloutKey, calloutName, filterId: String(filterId), filterName };
}
