import {
  ACTION_TYPE,
  type Condition,
  FILTER_ENUM_FLAG,
  FILTER_FLAG,
  type Filter,
  type Guid,
  type Layer,
  type Policy,
  WfpError,
} from "../model/index.ts";
import { type EnumType, meetsTemplate, templateFault } from "./template-condition.ts";

/** FWPM_FILTER_ENUM_TEMPLATE0 (WFP-SEMANTICS 1.11). Absent members do not restrict. */
export interface FilterEnumTemplate {
  readonly providerKey?: Guid;
  readonly layerKey?: Guid;
  /**
   * Whether a filter's match set must lie inside the template's (the default), or only meet it. Microsoft's pages contradict each other:
   * S:fwp_filter_enum_type has "filters that fully contain the enum conditions", its twin for Windows Embedded "filters fully contained
   * within the enum conditions"; the latter fits the name.
   */
  readonly enumType?: EnumType;
  /** Bits of FILTER_ENUM_FLAG. */
  readonly flags?: number;
  readonly conditions?: readonly Condition[];
  /** Actions that share a bit with this mask of ACTION_TYPE bits; 0xFFFFFFFF: any. */
  readonly actionMask?: number;
  readonly calloutKey?: Guid;
}

const TERMINATING = 0x1000;
const ANY_ACTION = 0xffffffff;

/**
 * The filters that a template asks for, in the order they were added or, if SORTED, in the order of evaluation. BEST_TERMINATING_MATCH
 * leaves one per template: the first terminating one in that order.
 * @throws WfpError FWP_E_DUPLICATE_CONDITION for two template conditions on a field, FWP_E_NEVER_MATCH for one that nothing satisfies,
 * the codes of filter conditions for one of the wrong type.
 */
export function enumerateFilters(filters: readonly Filter[], template: FilterEnumTemplate, policy: Policy): Filter[] {
  const flags = template.flags ?? 0;
  const layers = new Map(policy.layers.map((layer) => [layer.key, layer]));
  checkTemplate(template, layers);
  const found = filters.filter(
    (filter) =>
      isIncluded(filter, flags) &&
      (template.providerKey === undefined || filter.providerKey === template.providerKey) &&
      (template.layerKey === undefined || filter.layerKey === template.layerKey) &&
      (template.calloutKey === undefined || ("calloutKey" in filter.action && filter.action.calloutKey === template.calloutKey)) &&
      hasAction(filter, template.actionMask ?? ANY_ACTION) &&
      meetsConditions(filter, template, layers),
  );
  if ((flags & FILTER_ENUM_FLAG.BEST_TERMINATING_MATCH) !== 0) {
    const best = sort(found, policy).find((filter) => (ACTION_TYPE[shortAction(filter)] & TERMINATING) !== 0);
    return best === undefined ? [] : [best];
  }
  return (flags & FILTER_ENUM_FLAG.SORTED) !== 0 ? sort(found, policy) : found;
}

function isIncluded(filter: Filter, flags: number): boolean {
  const bootTime = (filter.flags & FILTER_FLAG.BOOTTIME) !== 0;
  if ((flags & FILTER_ENUM_FLAG.BOOTTIME_ONLY) !== 0) return bootTime;
  if (bootTime && (flags & FILTER_ENUM_FLAG.INCLUDE_BOOTTIME) === 0) return false;
  return (filter.flags & FILTER_FLAG.DISABLED) === 0 || (flags & FILTER_ENUM_FLAG.INCLUDE_DISABLED) !== 0;
}

const shortAction = (filter: Filter) => filter.action.type.slice("FWP_ACTION_".length) as keyof typeof ACTION_TYPE;

function hasAction(filter: Filter, mask: number): boolean {
  if (mask >>> 0 === ANY_ACTION) return true;
  const type = ACTION_TYPE[shortAction(filter)];
  // S:fwpm_filter_enum_template0: at least one of the bits.
  return (type & mask) !== 0;
}

function checkTemplate(template: FilterEnumTemplate, layers: ReadonlyMap<Guid, Layer>): void {
  const seen = new Set<Guid>();
  const layer = template.layerKey === undefined ? undefined : layers.get(template.layerKey);
  const candidates = layer === undefined ? [...layers.values()] : [layer];
  if (template.layerKey !== undefined && layer === undefined) throw new WfpError("FWP_E_LAYER_NOT_FOUND", `no layer ${template.layerKey}`);
  for (const condition of template.conditions ?? []) {
    if (seen.has(condition.fieldKey)) throw new WfpError("FWP_E_DUPLICATE_CONDITION", "two template conditions on one field");
    seen.add(condition.fieldKey);
    const faults = candidates
      .flatMap(({ fields }) => fields.filter((field) => field.key === condition.fieldKey))
      .map((field) => templateFault(condition, field));
    if (faults.length === 0) {
      throw new WfpError("FWP_E_CONDITION_NOT_FOUND", `no field ${condition.fieldKey} at ${layer?.name ?? "any layer"}`);
    }
    const fault = faults[0];
    if (fault !== undefined && faults.every((other) => other !== undefined)) throw new WfpError(fault.code, fault.detail);
  }
}

function meetsConditions(filter: Filter, template: FilterEnumTemplate, layers: ReadonlyMap<Guid, Layer>): boolean {
  const layer = layers.get(filter.layerKey);
  return (template.conditions ?? []).every((wanted) => {
    const field = layer?.fields.find((entry) => entry.key === wanted.fieldKey);
    if (field === undefined) return false;
    const own = filter.conditions.filter((condition) => condition.fieldKey === field.key);
    return meetsTemplate(own, wanted, field, template.enumType ?? "FULLY_CONTAINED");
  });
}

/** As `netsh wfp show filters` lists them: by layer, sublayer weight, effective weight and id, the latter three descending. */
function sort(filters: readonly Filter[], policy: Policy): Filter[] {
  const positions = new Map(policy.layers.map((layer, index) => [layer.key, index]));
  const weights = new Map(policy.subLayers.map((subLayer) => [subLayer.key, subLayer.weight]));
  const descending = (a: bigint | number, b: bigint | number) => (a < b ? 1 : a > b ? -1 : 0);
  return filters.toSorted(
    (a, b) =>
      (positions.get(a.layerKey) ?? 0) - (positions.get(b.layerKey) ?? 0) ||
      descending(weights.get(a.subLayerKey) ?? 0, weights.get(b.subLayerKey) ?? 0) ||
      descending(a.effectiveWeight, b.effectiveWeight) ||
      descending(a.filterId, b.filterId),
  );
}
