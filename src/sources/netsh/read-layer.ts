import {
  type Field,
  type FieldType,
  fieldName,
  type Guid,
  isDataType,
  LAYER_FLAG,
  type Layer,
  layerName,
  layersOfFamily,
} from "../../model/index.ts";
import { child, type Element, integer, required } from "./element.ts";
import { expectChildren, itemsOf } from "./known-elements.ts";
import { readFlags } from "./names.ts";
import type { ReadContext } from "./read-context.ts";
import { readDisplay } from "./read-parts.ts";

const FIELD_TYPES: Readonly<Record<string, FieldType>> = {
  FWPM_FIELD_RAW_DATA: "RAW_DATA",
  FWPM_FIELD_IP_ADDRESS: "IP_ADDRESS",
  FWPM_FIELD_FLAGS: "FLAGS",
};

let tables: ReadonlyMap<Guid, Layer> | undefined;

/** The layer as the tables know it, for what a dump does not print. */
function tabled(key: Guid): Layer | undefined {
  tables ??= new Map(layersOfFamily("C").map((layer) => [layer.key, layer]));
  return tables.get(key);
}

/** A `<layer>`: ids and fields are this machine's; the discard twin and the versions come from the tables. */
export function readLayer(item: Element, context: ReadContext): Layer {
  expectChildren(item, "layer", context.log);
  const key = context.key(required(item, "layerKey"), "layer");
  const known = tabled(key);
  const name = layerName(key);
  const { bits } = readFlags(item, "layer", context);
  const version = /_V([46])(_DISCARD)?\}?$/.exec(name)?.[1];
  const since = new Map((known?.fields ?? []).map((field) => [field.key, field.since]));
  return {
    key,
    name,
    id: integer(required(item, "layerId"), 0xffff),
    displayName: readDisplay(item, context).name,
    mode: (bits & LAYER_FLAG.KERNEL) !== 0 ? "kernel" : "user",
    flags: bits,
    family: known?.family ?? (version === "4" ? 4 : version === "6" ? 6 : null),
    since: known?.since ?? "11",
    defaultSubLayer: context.key(required(item, "defaultSubLayerKey"), "sublayer"),
    discardLayer: known?.discardLayer ?? null,
    discardOf: known?.discardOf ?? null,
    fields: itemsOf(child(item, "field"), context.log).map((field, index) => readField(field, index, since, context)),
  };
}

function readField(item: Element, index: number, since: ReadonlyMap<Guid, Field["since"]>, context: ReadContext): Field {
  expectChildren(item, "field", context.log);
  const key = context.key(required(item, "fieldKey"), "field");
  const type = required(item, "type");
  const dataType = required(item, "dataType");
  const fieldType = FIELD_TYPES[type.text];
  if (fieldType === undefined) context.log.warn("unknown-type", `unknown field type "${type.text}"`, type.line);
  if (!isDataType(dataType.text)) context.log.warn("unknown-type", `unknown data type "${dataType.text}"`, dataType.line);
  return {
    key,
    name: fieldName(key),
    index,
    // A field of a type that nobody knows takes no condition, and no shim has a value for it.
    dataType: isDataType(dataType.text) ? dataType.text : "FWP_EMPTY",
    fieldType: fieldType ?? "RAW_DATA",
    since: since.get(key) ?? "11",
  };
}
