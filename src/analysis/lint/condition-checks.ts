import { conditionFault } from "../../engine/index.ts";
import { type Filter, fieldName, layerName } from "../../model/index.ts";
import { type Finding, isWindowsOwn, type LintCheck, type LintContext } from "./check.ts";

function conditions({ policy, filters }: LintContext): readonly Finding[] {
  const layers = new Map(policy.layers.map((layer) => [layer.key, layer]));
  return filters.flatMap((filter) => {
    const layer = layers.get(filter.layerKey);
    if (layer === undefined) return [];
    return filter.conditions.flatMap((condition): Finding[] => {
      const field = layer.fields.find(({ key }) => key === condition.fieldKey);
      if (field === undefined) {
        return [{ message: `a condition on ${fieldName(condition.fieldKey)}, which ${short(layer.name)} does not have`, filter }];
      }
      const fault = conditionFault(condition, field);
      return fault === undefined ? [] : [{ message: `a condition that Windows refuses (${fault.code}): ${fault.detail}`, filter }];
    });
  });
}

/** A condition that has no effect, as another one on its field holds whenever it does. */
function repeated({ filters }: LintContext): readonly Finding[] {
  return filters.flatMap((filter) => {
    const seen = new Set<string>();
    return filter.conditions.flatMap((condition): Finding[] => {
      const text = JSON.stringify([condition.fieldKey, condition.matchType, condition.value], (_, part) =>
        typeof part === "bigint" ? `${part}n` : part instanceof Uint8Array ? [...part].join(",") : part,
      );
      if (seen.has(text)) return [{ message: `the same condition on ${fieldName(condition.fieldKey)} twice`, filter }];
      seen.add(text);
      return [];
    });
  });
}

const AUTHORIZATION = /ALE_AUTH_(CONNECT|RECV_ACCEPT|LISTEN)_V[46]$|ALE_RESOURCE_ASSIGNMENT_V[46]$/;

function everything({ filters }: LintContext): readonly Finding[] {
  return filters
    .filter(
      (filter) =>
        filter.conditions.length === 0 && AUTHORIZATION.test(layerName(filter.layerKey)) && decides(filter) && !isWindowsOwn(filter),
    )
    .map((filter) => ({ message: `${verb(filter)} everything at ${short(layerName(filter.layerKey))}: it has no conditions`, filter }));
}

export function decides({ action }: Filter): boolean {
  return action.type === "FWP_ACTION_PERMIT" || action.type === "FWP_ACTION_BLOCK";
}

export function verb({ action }: Filter): string {
  return action.type === "FWP_ACTION_PERMIT" ? "permits" : action.type === "FWP_ACTION_BLOCK" ? "blocks" : "calls out for";
}

export function short(name: string): string {
  return name.replace(/^FWPM_LAYER_/, "");
}

export const CONDITION_CHECKS: readonly LintCheck[] = [
  { id: "WFP001", name: "IllegalCondition", severity: "error", title: "A condition that can never hold at its layer", run: conditions },
  { id: "WFP002", name: "RepeatedCondition", severity: "note", title: "A condition that is there twice", run: repeated },
  {
    id: "WFP003",
    name: "MatchesEverything",
    severity: "warning",
    title: "A filter without conditions at an authorization layer",
    run: everything,
  },
];
