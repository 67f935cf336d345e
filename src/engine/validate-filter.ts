import {
  calloutName,
  FILTER_FLAG,
  type FilterWeight,
  type Guid,
  hasFeature,
  type Interpretation,
  isMatchType,
  LAYER_FLAG,
  type Layer,
  SUBLAYER_KEY,
  WfpError,
  type WindowsVersion,
  ZERO_GUID,
} from "../model/index.ts";
import type { BfeContent } from "./bfe-content.ts";
import { checkConditionValue } from "./check-condition-value.ts";
import type { FilterDefinition } from "./definitions.ts";
import { type Lifetime, mayReference } from "./lifetime.ts";
import { conditionFault } from "./match/legal.ts";
import type { Entry } from "./object-store.ts";
import type { SessionAuthor } from "./session-author.ts";

const FILTER_ACTIONS: ReadonlySet<string> = new Set([
  "FWP_ACTION_BLOCK",
  "FWP_ACTION_PERMIT",
  "FWP_ACTION_CALLOUT_TERMINATING",
  "FWP_ACTION_CALLOUT_INSPECTION",
  "FWP_ACTION_CALLOUT_UNKNOWN",
]);

const KNOWN_FLAGS = Object.values<number>(FILTER_FLAG).reduce((bits, flag) => bits | flag, 0);

/** The filter as it will stand, without its outputs, and how long it lives. */
export interface ValidFilter {
  readonly layer: Layer;
  readonly subLayerKey: Guid;
  readonly flags: number;
  readonly weight: FilterWeight;
  readonly lifetime: Lifetime;
}

/**
 * FwpmFilterAdd0's checks (WFP-SEMANTICS 1.10): structure first, references second, lifetimes third.
 * @throws WfpError with the code Windows returns.
 */
export function validateFilter(definition: FilterDefinition, author: SessionAuthor): ValidFilter {
  const { content } = author;
  const flags = flagBits(definition);
  checkStructure(definition, flags, author.windows);
  const layer = content.layers.get(definition.layer);
  if (layer === undefined) throw new WfpError("FWP_E_LAYER_NOT_FOUND", `no layer ${definition.layer}`);
  const subLayerKey = definition.subLayer === undefined || definition.subLayer === ZERO_GUID ? layer.defaultSubLayer : definition.subLayer;
  const lifetime = lifetimeOf(flags, author.dynamic);
  const references = collectReferences(definition, subLayerKey, content);
  // The layer itself has the default security, which asks for the same right.
  author.caller.require("ADD_LINK");
  for (const { entry } of references) author.caller.requireOn(entry.security, "ADD_LINK");
  checkAction(definition, layer, subLayerKey, content, author.interpretation.fastLayerActions);
  checkContext(definition, layer, content);
  checkConditions(definition, layer, author.windows);
  if ((flags & FILTER_FLAG.BOOTTIME) !== 0 && (layer.flags & LAYER_FLAG.KERNEL) === 0) {
    throw new WfpError("FWP_E_INCOMPATIBLE_LAYER", `${layer.name} is no kernel layer, boot-time filters need one`);
  }
  if (author.dynamic && (lifetime === "persistent" || lifetime === "boot-time")) {
    throw new WfpError("FWP_E_LIFETIME_MISMATCH", "a dynamic session cannot add persistent or boot-time filters");
  }
  for (const { what, entry, providerKey } of references) {
    const sameProvider = providerKey === null || providerKey === (definition.providerKey ?? null);
    if (!mayReference(lifetime, entry.lifetime, entry.session === author.session, sameProvider)) {
      throw new WfpError("FWP_E_LIFETIME_MISMATCH", `a ${lifetime} filter cannot refer to a ${entry.lifetime} ${what}`);
    }
  }
  return { layer, subLayerKey, flags, weight: definition.weight ?? { type: "FWP_EMPTY" }, lifetime };
}

function flagBits({ flags = {}, providerContextKey }: FilterDefinition): number {
  // The key and the raw context share their place in FWPM_FILTER0; the flag says which it is. Every recorded filter with a key has it.
  const hasContext = flags.hasProviderContext === true || providerContextKey !== undefined;
  return (
    (flags.bits ?? 0) |
    (flags.persistent ? FILTER_FLAG.PERSISTENT : 0) |
    (flags.bootTime ? FILTER_FLAG.BOOTTIME : 0) |
    (hasContext ? FILTER_FLAG.HAS_PROVIDER_CONTEXT : 0) |
    (flags.clearActionRight ? FILTER_FLAG.CLEAR_ACTION_RIGHT : 0) |
    (flags.permitIfCalloutUnregistered ? FILTER_FLAG.PERMIT_IF_CALLOUT_UNREGISTERED : 0) |
    (flags.indexed ? FILTER_FLAG.INDEXED : 0)
  );
}

function checkStructure(definition: FilterDefinition, flags: number, windows: WindowsVersion): void {
  const { name, weight, action } = definition;
  if (name === null) throw new WfpError("FWP_E_NULL_DISPLAY_NAME", "a filter needs a display name");
  const lifetimes = FILTER_FLAG.PERSISTENT | FILTER_FLAG.BOOTTIME;
  if ((flags & ~KNOWN_FLAGS) !== 0 || (flags & FILTER_FLAG.DISABLED) !== 0 || (flags & lifetimes) === lifetimes) {
    throw new WfpError("FWP_E_INVALID_FLAGS", `flags 0x${flags.toString(16)} do not go together or are unknown`);
  }
  if ((flags & FILTER_FLAG.INDEXED) !== 0 && !hasFeature("indexedFilters", windows)) {
    throw new WfpError("FWP_E_INVALID_FLAGS", `Windows ${windows} has no FWPM_FILTER_FLAG_INDEXED`);
  }
  if (!FILTER_ACTIONS.has(action.type)) throw new WfpError("FWP_E_INVALID_ACTION_TYPE", `${action.type} is no filter action`);
  const callsOut = action.type === "FWP_ACTION_CALLOUT_TERMINATING" || action.type === "FWP_ACTION_CALLOUT_UNKNOWN";
  if ((flags & FILTER_FLAG.PERMIT_IF_CALLOUT_UNREGISTERED) !== 0 && !callsOut) {
    throw new WfpError("FWP_E_INVALID_FLAGS", "PERMIT_IF_CALLOUT_UNREGISTERED needs a terminating or unknown callout action");
  }
  if ((flags & FILTER_FLAG.HAS_PROVIDER_CONTEXT) !== 0 && definition.providerContextKey === undefined) {
    throw new WfpError("FWP_E_PROVIDER_CONTEXT_NOT_FOUND", "HAS_PROVIDER_CONTEXT without a providerContextKey");
  }
  if (weight !== undefined && !isWeight(weight)) {
    throw new WfpError("FWP_E_INVALID_WEIGHT", "a weight is FWP_EMPTY, a FWP_UINT8 of 0..15 or a FWP_UINT64");
  }
  for (const condition of definition.conditions ?? []) {
    if (!isMatchType(condition.matchType)) throw new WfpError("FWP_E_INVALID_ENUMERATOR", `${condition.matchType} is no match type`);
    if (condition.matchType === "FWP_MATCH_NOT_EQUAL" && !hasFeature("notEqual", windows)) {
      throw new WfpError("FWP_E_INVALID_ENUMERATOR", `Windows ${windows} has no FWP_MATCH_NOT_EQUAL`);
    }
    checkConditionValue(condition.value);
  }
}

function isWeight(weight: FilterWeight): boolean {
  switch (weight.type) {
    case "FWP_EMPTY":
      return true;
    case "FWP_UINT8":
      return Number.isInteger(weight.value) && weight.value >= 0 && weight.value <= 15;
    case "FWP_UINT64":
      return weight.value >= 0n && weight.value < 1n << 64n;
    default:
      return false;
  }
}

interface Reference {
  readonly what: string;
  readonly entry: Omit<Entry<unknown>, "object">;
  /** Owner of the referenced object; null where it has none, or is the provider itself. */
  readonly providerKey: Guid | null;
}

function collectReferences(definition: FilterDefinition, subLayerKey: Guid, content: BfeContent): Reference[] {
  const { providerKey, providerContextKey, action } = definition;
  const references: Reference[] = [];
  const subLayer = content.subLayers.get(subLayerKey);
  if (subLayer === undefined) throw new WfpError("FWP_E_SUBLAYER_NOT_FOUND", `no sublayer ${subLayerKey}`);
  references.push({ what: "sublayer", entry: subLayer, providerKey: subLayer.object.providerKey });
  if (providerKey !== undefined) {
    const provider = content.providers.get(providerKey);
    if (provider === undefined) throw new WfpError("FWP_E_PROVIDER_NOT_FOUND", `no provider ${providerKey}`);
    references.push({ what: "provider", entry: provider, providerKey: null });
  }
  if (action.type.startsWith("FWP_ACTION_CALLOUT_")) {
    const calloutKey = "calloutKey" in action ? action.calloutKey : ZERO_GUID;
    const callout = content.callouts.get(calloutKey);
    if (callout === undefined) throw new WfpError("FWP_E_CALLOUT_NOT_FOUND", `no callout ${calloutKey}`);
    references.push({ what: "callout", entry: callout, providerKey: callout.object.providerKey });
  }
  if (providerContextKey !== undefined) {
    const context = content.providerContexts.get(providerContextKey);
    if (context === undefined) throw new WfpError("FWP_E_PROVIDER_CONTEXT_NOT_FOUND", `no provider context ${providerContextKey}`);
    references.push({ what: "provider context", entry: context, providerKey: context.object.providerKey });
  }
  return references;
}

function checkAction(
  definition: FilterDefinition,
  layer: Layer,
  subLayerKey: Guid,
  content: BfeContent,
  fastLayerActions: Interpretation["fastLayerActions"],
): void {
  const { action } = definition;
  const inspects = action.type === "FWP_ACTION_CALLOUT_INSPECTION";
  // Q21: the fast layers are internal and take inspection callouts only; the documents name no code.
  if (layer.name.endsWith("_FAST") && !inspects && fastLayerActions === "inspection-only") {
    throw new WfpError("FWP_E_ACTION_INCOMPATIBLE_WITH_LAYER", `${layer.name} takes inspection callouts only`);
  }
  if (subLayerKey === SUBLAYER_KEY.INSPECTION && !inspects) {
    throw new WfpError("FWP_E_ACTION_INCOMPATIBLE_WITH_SUBLAYER", "the inspection sublayer takes inspection callouts only");
  }
  if (!("calloutKey" in action)) return;
  const applicableLayer = content.callouts.get(action.calloutKey)?.object.applicableLayer ?? null;
  if (applicableLayer !== null && applicableLayer !== layer.key) {
    throw new WfpError("FWP_E_INCOMPATIBLE_LAYER", `the callout does not apply to ${layer.name}`);
  }
}

/**
 * The documents name the two codes and no table of types. What can be said: main-mode policies speak to the keying modules alone, and the
 * set-options callouts take classify options (D:using-classify-options).
 */
function checkContext({ providerContextKey, action }: FilterDefinition, layer: Layer, content: BfeContent): void {
  const type = providerContextKey === undefined ? undefined : content.providerContexts.get(providerContextKey)?.object.type;
  if (type === undefined) return;
  if (type.includes("_MM_CONTEXT") && !layer.name.includes("IKEEXT")) {
    throw new WfpError("FWP_E_CONTEXT_INCOMPATIBLE_WITH_LAYER", `${type} does not apply to ${layer.name}`);
  }
  if (!("calloutKey" in action)) return;
  const name = calloutName(action.calloutKey);
  if (name.includes("SET_OPTIONS") && type !== "FWPM_CLASSIFY_OPTIONS_CONTEXT") {
    throw new WfpError("FWP_E_CONTEXT_INCOMPATIBLE_WITH_CALLOUT", `${name} takes a FWPM_CLASSIFY_OPTIONS_CONTEXT, not a ${type}`);
  }
}

function checkConditions(definition: FilterDefinition, layer: Layer, windows: WindowsVersion): void {
  const fields = new Map(layer.fields.map((field) => [field.key, field]));
  const seen = new Set<Guid>();
  for (const condition of definition.conditions ?? []) {
    const field = fields.get(condition.fieldKey);
    if (field === undefined) throw new WfpError("FWP_E_CONDITION_NOT_FOUND", `${layer.name} has no field ${condition.fieldKey}`);
    const fault = conditionFault(condition, field);
    if (fault !== undefined) throw new WfpError(fault.code, fault.detail);
    if (!hasFeature("sameFieldOr", windows) && seen.has(field.key)) {
      throw new WfpError("FWP_E_DUPLICATE_CONDITION", `two conditions on ${field.name}; Windows Vista takes one`);
    }
    seen.add(field.key);
  }
}

function lifetimeOf(flags: number, dynamic: boolean): Lifetime {
  if ((flags & FILTER_FLAG.PERSISTENT) !== 0) return "persistent";
  if ((flags & FILTER_FLAG.BOOTTIME) !== 0) return "boot-time";
  return dynamic ? "dynamic" : "static";
}
