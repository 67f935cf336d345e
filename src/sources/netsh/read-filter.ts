import {
  type Condition,
  EMPTY,
  type Filter,
  type FilterAction,
  type FilterWeight,
  fieldName,
  InputError,
  isMatchType,
  madeUpKey,
} from "../../model/index.ts";
import { bigInteger, child, type Element, required } from "./element.ts";
import { expectChildren, itemsOf } from "./known-elements.ts";
import { readFlags } from "./names.ts";
import type { ReadContext } from "./read-context.ts";
import { readBlob, readDisplay } from "./read-parts.ts";
import { readValue } from "./read-value.ts";

/** A `<filters><item>` (SCHEMA 3). Its origin is known only once the provider contexts are. */
export function readFilter(item: Element, context: ReadContext): Filter {
  expectChildren(item, "filter", context.log);
  const flags = readFlags(item, "filter", context);
  const rawContext = child(item, "rawContext");
  return {
    key: context.key(required(item, "filterKey"), "filter"),
    ...readDisplay(item, context),
    flags: flags.bits,
    namedFlags: flags.named,
    providerKey: context.optionalKey(child(item, "providerKey"), "provider"),
    providerData: readBlob(child(item, "providerData"), context),
    layerKey: context.key(required(item, "layerKey"), "layer"),
    subLayerKey: context.key(required(item, "subLayerKey"), "sublayer"),
    weight: readWeight(required(item, "weight"), context),
    conditions: readConditions(child(item, "filterCondition"), context),
    action: readAction(required(item, "action"), context),
    rawContext: rawContext === undefined || rawContext.text === "" ? 0n : bigInteger(rawContext),
    providerContextKey: context.optionalKey(child(item, "providerContextKey"), "provider context"),
    filterId: bigInteger(required(item, "filterId")),
    effectiveWeight: readEffectiveWeight(required(item, "effectiveWeight"), context),
    origin: null,
    line: item.line,
  };
}

/**
 * A condition whose value cannot be understood is put on a made-up field, of which nobody knows the value: so it is neither true nor
 * false. Its companions on the same field go with it, because one of them suffices (WFP-SEMANTICS 2.2).
 */
function readConditions(list: Element | undefined, context: ReadContext): Condition[] {
  const read = itemsOf(list, context.log).map((item) => readCondition(item, context));
  const lost = new Set(read.filter(({ value }) => value === null).map(({ fieldKey }) => fieldKey));
  return read.map(({ fieldKey, matchType, value }): Condition => {
    if (value !== null && !lost.has(fieldKey)) return { fieldKey, matchType, value };
    const name = fieldName(fieldKey).replace(/\W/g, "_");
    return { fieldKey: madeUpKey(`UNREADABLE_${name}`), matchType: "FWP_MATCH_EQUAL", value: value ?? EMPTY };
  });
}

function readCondition(item: Element, context: ReadContext) {
  expectChildren(item, "condition", context.log);
  const matchType = required(item, "matchType");
  if (!isMatchType(matchType.text)) throw new InputError(`unknown match type "${matchType.text}"`, { line: matchType.line });
  return {
    fieldKey: context.key(required(item, "fieldKey"), "field"),
    matchType: matchType.text,
    value: readValue(required(item, "conditionValue"), context),
  };
}

function readWeight(element: Element, context: ReadContext): FilterWeight {
  const value = readValue(element, context);
  if (value?.type === "FWP_EMPTY" || value?.type === "FWP_UINT8" || value?.type === "FWP_UINT64") return value as FilterWeight;
  throw new InputError("a weight is FWP_EMPTY, FWP_UINT8 or FWP_UINT64", { line: element.line });
}

function readEffectiveWeight(element: Element, context: ReadContext): bigint {
  const value = readValue(element, context);
  if (value?.type === "FWP_UINT64") return value.value;
  throw new InputError("an effective weight is FWP_UINT64", { line: element.line });
}

/** netsh prints the callout of a callout action as `<filterType>`; documents call it `<calloutKey>`. */
function readAction(element: Element, context: ReadContext): FilterAction {
  expectChildren(element, "action", context.log);
  const type = required(element, "type");
  const filterType = context.optionalKey(child(element, "filterType"), "callout");
  const target = filterType ?? context.optionalKey(child(element, "calloutKey"), "callout");
  switch (type.text) {
    case "FWP_ACTION_BLOCK":
    case "FWP_ACTION_PERMIT":
      return { type: type.text, ...(target === null ? {} : { filterType: target }) };
    case "FWP_ACTION_CALLOUT_TERMINATING":
    case "FWP_ACTION_CALLOUT_INSPECTION":
    case "FWP_ACTION_CALLOUT_UNKNOWN":
      if (target === null) throw new InputError(`${type.text} without a callout in <filterType>`, { line: element.line });
      return { type: type.text, calloutKey: target };
    default:
      throw new InputError(`unknown action "${type.text}"`, { line: type.line });
  }
}
