import { type Condition, type Filter, type FilterAction, type FilterWeight, InputError, isMatchType } from "../../model/index.ts";
import type { DiagnosticLog } from "./diagnostics.ts";
import { bigInteger, child, type Element, required, textOf } from "./element.ts";
import { expectChildren } from "./known-elements.ts";
import { type KeyReader, readFlags } from "./names.ts";
import { readBlob, readValue } from "./read-value.ts";

/** A `<filters><item>` (SCHEMA 3). Its origin is known only once the provider contexts are. */
export function readFilter(item: Element, keys: KeyReader, log: DiagnosticLog): Filter {
  expectChildren(item, "filter", log);
  const display = required(item, "displayData");
  const flags = readFlags(child(item, "flags"), "filter", log);
  const rawContext = child(item, "rawContext");
  return {
    key: keys.read(required(item, "filterKey"), "provider context"),
    name: textOf(display, "name"),
    description: textOf(display, "description"),
    flags: flags.bits,
    namedFlags: flags.named,
    providerKey: keys.readOptional(child(item, "providerKey"), "provider"),
    providerData: readBlob(child(item, "providerData")),
    layerKey: keys.read(required(item, "layerKey"), "layer"),
    subLayerKey: keys.read(required(item, "subLayerKey"), "sublayer"),
    weight: readWeight(required(item, "weight")),
    conditions: (child(item, "filterCondition")?.children ?? []).map((condition) => readCondition(condition, keys, log)),
    action: readAction(required(item, "action"), keys),
    rawContext: rawContext === undefined || rawContext.text === "" ? 0n : bigInteger(rawContext),
    providerContextKey: keys.readOptional(child(item, "providerContextKey"), "provider context"),
    filterId: bigInteger(required(item, "filterId")),
    effectiveWeight: readEffectiveWeight(required(item, "effectiveWeight")),
    origin: null,
    line: item.line,
  };
}

function readCondition(item: Element, keys: KeyReader, log: DiagnosticLog): Condition {
  expectChildren(item, "condition", log);
  const matchType = required(item, "matchType");
  if (!isMatchType(matchType.text)) throw new InputError(`unknown match type "${matchType.text}"`, { line: matchType.line });
  return {
    fieldKey: keys.read(required(item, "fieldKey"), "field"),
    matchType: matchType.text,
    value: readValue(required(item, "conditionValue")),
  };
}

function readWeight(element: Element): FilterWeight {
  const value = readValue(element);
  if (value.type === "FWP_EMPTY") return { type: value.type };
  if (value.type === "FWP_UINT8") return { type: value.type, value: Number(value.value) };
  if (value.type === "FWP_UINT64") return { type: value.type, value: BigInt(value.value) };
  throw new InputError(`a weight is FWP_EMPTY, FWP_UINT8 or FWP_UINT64, not ${value.type}`, { line: element.line });
}

function readEffectiveWeight(element: Element): bigint {
  const value = readValue(element);
  if (value.type === "FWP_UINT64") return value.value;
  throw new InputError(`an effective weight is FWP_UINT64, not ${value.type}`, { line: element.line });
}

/** netsh prints the callout of a callout action as `<filterType>`; documents call it `<calloutKey>`. */
function readAction(element: Element, keys: KeyReader): FilterAction {
  const type = required(element, "type");
  const target = child(element, "filterType") ?? child(element, "calloutKey");
  switch (type.text) {
    case "FWP_ACTION_BLOCK":
    case "FWP_ACTION_PERMIT": {
      const filterType = keys.readOptional(target, "callout");
      return { type: type.text, ...(filterType === null ? {} : { filterType }) };
    }
    case "FWP_ACTION_CALLOUT_TERMINATING":
    case "FWP_ACTION_CALLOUT_INSPECTION":
    case "FWP_ACTION_CALLOUT_UNKNOWN": {
      if (target === undefined) throw new InputError(`${type.text} without a callout`, { line: element.line });
      return { type: type.text, calloutKey: keys.read(target, "callout") };
    }
    default:
      throw new InputError(`unknown action "${type.text}"`, { line: type.line });
  }
}
