import { accessCheck } from "../../src/engine/access-check.ts";
import {
  type Condition,
  FILTER_FLAG,
  type FieldValue,
  type Filter,
  type FwpValue,
  type Interpretation,
  type Layer,
  MATCH_FILTER_RIGHT,
  type Policy,
  UNKNOWN,
  ZERO_GUID,
} from "../../src/model/index.ts";

/** What a scripted callout does whenever it is called. */
export interface Script {
  readonly action: "none" | "continue" | "permit" | "block";
  readonly writable: boolean;
  readonly absorb: boolean;
}

export interface NaiveDecision {
  readonly verdict: "permit" | "block";
  readonly code: string;
  readonly filterId: bigint | null;
  readonly absorbed: boolean;
}

/** A sortable value as one big number (and its length, which orders blobs that are prefixes of each other). */
function ordinal(value: FwpValue): bigint | number | string | undefined {
  switch (value.type) {
    case "FWP_UINT8":
    case "FWP_UINT16":
    case "FWP_UINT32":
    case "FWP_INT8":
    case "FWP_INT16":
    case "FWP_INT32":
      return BigInt(value.value);
    case "FWP_UINT64":
    case "FWP_INT64":
      return value.value;
    case "FWP_FLOAT":
    case "FWP_DOUBLE":
      return value.value;
    case "FWP_BYTE_ARRAY16_TYPE":
    case "FWP_BYTE_ARRAY6_TYPE":
    case "FWP_BYTE_BLOB_TYPE":
      return Buffer.from(value.value).toString("latin1");
    case "FWP_UNICODE_STRING_TYPE":
    case "FWP_SID":
      return value.value;
    default:
      return undefined;
  }
}

function text(value: FwpValue): string | undefined {
  if (value.type === "FWP_UNICODE_STRING_TYPE") return value.value;
  return value.type === "FWP_BYTE_BLOB_TYPE"
    ? Buffer.from(value.value)
        .toString("latin1")
        .replace(/^((?:..)*?)\0\0$/s, "$1")
    : undefined;
}

function equal(value: FwpValue, condition: FwpValue): boolean | undefined {
  if (condition.type === "FWP_V4_ADDR_MASK" && value.type === "FWP_UINT32") {
    return (BigInt(value.value) & BigInt(condition.mask)) === (BigInt(condition.address) & BigInt(condition.mask));
  }
  if (condition.type === "FWP_V6_ADDR_MASK" && value.type === "FWP_BYTE_ARRAY16_TYPE") {
    const bits = (bytes: Uint8Array) => [...bytes].map((byte) => byte.toString(2).padStart(8, "0")).join("");
    return bits(value.value).slice(0, condition.prefixLength) === bits(condition.address).slice(0, condition.prefixLength);
  }
  if (condition.type === "FWP_SECURITY_DESCRIPTOR_TYPE" && value.type === "FWP_TOKEN_ACCESS_INFORMATION_TYPE") {
    return accessCheck(value.value, condition.value, MATCH_FILTER_RIGHT) === "true";
  }
  if (condition.type !== value.type) return undefined;
  return ordinal(value) === ordinal(condition);
}

/** The table of WFP-SEMANTICS 2.3, row by row. */
function holds(condition: Condition, value: FwpValue, interpretation: Interpretation): boolean {
  const { matchType, value: wanted } = condition;
  if (value.type === "FWP_EMPTY") {
    if (wanted.type === "FWP_EMPTY") return matchType === "FWP_MATCH_EQUAL";
    return (
      interpretation.emptyMatchesNegation &&
      (matchType === "FWP_MATCH_NOT_EQUAL" || matchType === "FWP_MATCH_FLAGS_NONE_SET" || matchType === "FWP_MATCH_NOT_PREFIX")
    );
  }
  if (wanted.type === "FWP_EMPTY") return matchType === "FWP_MATCH_NOT_EQUAL";
  const compare = (other: FwpValue): number => {
    const a = ordinal(value);
    const b = ordinal(other);
    if (value.type !== other.type || a === undefined || b === undefined) return Number.NaN;
    return a < b ? -1 : a > b ? 1 : 0;
  };
  const bits = (): [bigint, bigint] | undefined => {
    const a = ordinal(value);
    const b = ordinal(wanted);
    return value.type === wanted.type && typeof a === "bigint" && typeof b === "bigint" ? [a & b, b] : undefined;
  };
  switch (matchType) {
    case "FWP_MATCH_EQUAL":
      return equal(value, wanted) === true;
    case "FWP_MATCH_NOT_EQUAL":
      return equal(value, wanted) === false;
    case "FWP_MATCH_GREATER":
      return compare(wanted) > 0;
    case "FWP_MATCH_LESS":
      return compare(wanted) < 0;
    case "FWP_MATCH_GREATER_OR_EQUAL":
      return compare(wanted) >= 0;
    case "FWP_MATCH_LESS_OR_EQUAL":
      return compare(wanted) <= 0;
    case "FWP_MATCH_RANGE":
      return wanted.type === "FWP_RANGE_TYPE" && compare(wanted.low) >= 0 && compare(wanted.high) <= 0;
    case "FWP_MATCH_FLAGS_ALL_SET":
      return bits()?.[0] === bits()?.[1] && bits() !== undefined;
    case "FWP_MATCH_FLAGS_ANY_SET":
      return bits() !== undefined && bits()?.[0] !== 0n;
    case "FWP_MATCH_FLAGS_NONE_SET":
      return bits()?.[0] === 0n;
    case "FWP_MATCH_EQUAL_CASE_INSENSITIVE":
      return text(value)?.toLowerCase() === text(wanted)?.toLowerCase();
    case "FWP_MATCH_PREFIX":
      return value.type === wanted.type && text(value)?.endsWith(text(wanted) ?? "?") === true;
    case "FWP_MATCH_NOT_PREFIX":
      return value.type === wanted.type && text(value)?.endsWith(text(wanted) ?? "?") === false;
  }
}

function matches(filter: Filter, layer: Layer, values: readonly FieldValue[], interpretation: Interpretation): boolean {
  const groups: Condition[][] = [];
  for (const condition of filter.conditions) {
    const candidates = interpretation.sameFieldConditions === "adjacent-only" ? groups.slice(-1) : groups;
    const group = candidates.find((members) => members[0]?.fieldKey === condition.fieldKey);
    if (group === undefined) groups.push([condition]);
    else group.push(condition);
  }
  return groups.every((group) =>
    group.some((condition) => {
      const value = values[layer.fields.findIndex((field) => field.key === condition.fieldKey)];
      if (value === undefined || value === UNKNOWN) throw new RangeError("the naive evaluator wants definite values");
      return holds(condition, value, interpretation);
    }),
  );
}

interface Result {
  readonly filter: Filter;
  readonly action: "permit" | "block";
  readonly writable: boolean;
  readonly absorb: boolean;
  readonly kind: "FILTER" | "CALLOUT" | "CALLOUT_UNREGISTERED";
}

/**
 * WFP-SEMANTICS 3.4's pseudo-code, line by line, for definite values and scripted callouts (a callout without a script is not
 * registered). It shares nothing with the engine but the access check.
 */
export function naiveClassify(
  policy: Policy,
  layer: Layer,
  values: readonly FieldValue[],
  interpretation: Interpretation,
  scripts: ReadonlyMap<string, Script>,
  phase: "boot" | "running" = "running",
): NaiveDecision {
  let act: "none" | "permit" | "block" = "none";
  let write = true;
  let absorb = false;
  let decider: bigint | null = null;
  let code = "NO_MATCH_PERMIT";

  const evalSubLayer = (key: string): Result | undefined => {
    const filters = policy.filters
      .filter((filter) => filter.layerKey === layer.key)
      .filter((filter) => (filter.subLayerKey === ZERO_GUID ? layer.defaultSubLayer : filter.subLayerKey) === key)
      .filter((filter) => (filter.flags & FILTER_FLAG.DISABLED) === 0)
      .filter((filter) => Boolean(filter.flags & FILTER_FLAG.BOOTTIME) === (phase === "boot"))
      .filter((filter) => matches(filter, layer, values, interpretation))
      .sort((a, b) => {
        if (a.effectiveWeight !== b.effectiveWeight) return Number(b.effectiveWeight - a.effectiveWeight);
        return Number(interpretation.equalWeights === "newest-first" ? b.filterId - a.filterId : a.filterId - b.filterId);
      });
    for (const filter of filters) {
      const clear = (filter.flags & FILTER_FLAG.CLEAR_ACTION_RIGHT) !== 0;
      const { action } = filter;
      if (action.type === "FWP_ACTION_PERMIT") return { filter, action: "permit", writable: !clear, absorb: false, kind: "FILTER" };
      if (action.type === "FWP_ACTION_BLOCK") return { filter, action: "block", writable: false, absorb: false, kind: "FILTER" };
      if (action.type === "FWP_ACTION_CALLOUT_INSPECTION" || !("calloutKey" in action)) continue;
      const script = scripts.get(action.calloutKey);
      if (script === undefined) {
        const permit = (filter.flags & FILTER_FLAG.PERMIT_IF_CALLOUT_UNREGISTERED) !== 0;
        return { filter, action: permit ? "permit" : "block", writable: permit && !clear, absorb: false, kind: "CALLOUT_UNREGISTERED" };
      }
      if (script.action === "permit" || script.action === "block") {
        const swallowed = script.action === "block" && script.absorb && layer.discardOf === null;
        return { filter, action: script.action, writable: script.writable, absorb: swallowed, kind: "CALLOUT" };
      }
      const undecided = script.action === "none" && action.type === "FWP_ACTION_CALLOUT_TERMINATING";
      if (undecided && interpretation.undecidedTerminatingCallout === "block") {
        return { filter, action: "block", writable: script.writable, absorb: false, kind: "CALLOUT" };
      }
    }
    return undefined;
  };

  for (const subLayer of [...policy.subLayers].sort((a, b) => b.weight - a.weight)) {
    const r = evalSubLayer(subLayer.key);
    if (r === undefined) continue;
    const before: { readonly act: "none" | "permit" | "block"; readonly absorb: boolean } = { act, absorb };
    let veto = false;
    if (write) {
      absorb = r.action === "block" && (r.absorb || (act === "block" && absorb));
      act = r.action;
      write = r.writable;
    } else if (act === "permit" && r.action === "block" && r.kind === "CALLOUT") {
      act = "block";
      absorb = r.absorb;
      veto = true;
    }
    if (act !== before.act || absorb !== before.absorb) {
      decider = r.filter.filterId;
      code = absorb ? "CALLOUT_ABSORB" : veto ? "CALLOUT_VETO" : `${r.kind}_${r.action.toUpperCase()}`;
    }
  }
  return { verdict: act === "block" ? "block" : "permit", code, filterId: decider, absorbed: absorb };
}
