import type { Fidelity } from "../model/index.ts";
import { count, percent, plural } from "./number-text.ts";

/** How much of the policy behind an answer is modelled in full. */
export function fidelityText(fidelity: Fidelity): string {
  const { filters, filtersModelled, conditions, conditionsModelled, calloutsUsed, calloutsModelled } = fidelity;
  const opaque = calloutsUsed - calloutsModelled;
  const callouts =
    calloutsUsed === 0
      ? "no callout in use"
      : opaque === 0
        ? `all ${plural(calloutsUsed, "callout")} in use modelled`
        : `${count(opaque)} of ${plural(calloutsUsed, "callout")} in use ${opaque === 1 ? "is" : "are"} code that is not known`;
  const share = `${count(filtersModelled)} of ${plural(filters, "filter")} (${percent(filtersModelled, filters)}) modelled in full`;
  const left = conditions - conditionsModelled;
  return `${share}; ${callouts}${left === 0 ? "" : `; ${plural(left, "condition")} not modelled`}`;
}
