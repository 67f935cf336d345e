import type { Filter } from "../model/index.ts";

/** `#71234 (0x11642)`: WFPExplorer prints hexadecimal and netsh decimal ids, so both. */
export function filterNumber(filterId: bigint): string {
  return `#${filterId} (0x${filterId.toString(16)})`;
}

/** `#71234 (0x11642) "Block SMB"`. */
export function filterLabel(filter: Pick<Filter, "filterId" | "name">): string {
  return `${filterNumber(filter.filterId)} "${filter.name}"`;
}

/** Effective weight as BFE's tools print it. */
export function weightText(weight: bigint): string {
  return `0x${weight.toString(16).padStart(16, "0")}`;
}

/** Sublayer weight, 16 bits. */
export function subLayerWeightText(weight: number): string {
  return `0x${weight.toString(16).toUpperCase().padStart(4, "0")}`;
}

/** `permit`, `block`, `callout (terminating)`. */
export function actionText(filter: Pick<Filter, "action">): string {
  switch (filter.action.type) {
    case "FWP_ACTION_PERMIT":
      return "permit";
    case "FWP_ACTION_BLOCK":
      return "block";
    case "FWP_ACTION_CALLOUT_TERMINATING":
      return "callout terminating";
    case "FWP_ACTION_CALLOUT_INSPECTION":
      return "callout inspection";
    default:
      return "callout unknown";
  }
}
