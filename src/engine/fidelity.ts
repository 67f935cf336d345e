import type { Fidelity, Policy } from "../model/index.ts";
import { builtInCallout } from "./builtin-callouts.ts";
import { conditionFault } from "./match/legal.ts";

/** How much of a policy is modelled in full: legal conditions, and callouts whose behaviour is known. */
export function fidelityOf(policy: Policy): Fidelity {
  const layers = new Map(policy.layers.map((layer) => [layer.key, new Map(layer.fields.map((field) => [field.key, field]))]));
  const used = new Set(policy.filters.flatMap(({ action }) => ("calloutKey" in action ? [action.calloutKey] : [])));
  const unregistered = new Set(policy.callouts.filter((callout) => callout.registered === false).map((callout) => callout.key));
  const isKnown = (key: (typeof policy.callouts)[number]["key"]) => unregistered.has(key) || builtInCallout(key) !== undefined;
  let conditions = 0;
  let conditionsModelled = 0;
  let filtersModelled = 0;
  for (const filter of policy.filters) {
    const fields = layers.get(filter.layerKey);
    let sound = fields !== undefined;
    for (const condition of filter.conditions) {
      conditions++;
      const field = fields?.get(condition.fieldKey);
      if (field !== undefined && conditionFault(condition, field) === undefined) conditionsModelled++;
      else sound = false;
    }
    // Inspection callouts never decide, so knowing their code changes nothing.
    const opaque =
      "calloutKey" in filter.action && filter.action.type !== "FWP_ACTION_CALLOUT_INSPECTION" && !isKnown(filter.action.calloutKey);
    if (sound && !opaque) filtersModelled++;
  }
  return {
    filters: policy.filters.length,
    filtersModelled,
    conditions,
    conditionsModelled,
    calloutsUsed: used.size,
    calloutsModelled: [...used].filter(isKnown).length,
  };
}
