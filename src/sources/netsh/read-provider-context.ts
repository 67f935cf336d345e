import type { ProviderContext, ProviderContextBody } from "../../model/index.ts";
import { bigInteger, child, type Element, required } from "./element.ts";
import { itemsOf } from "./known-elements.ts";
import { readFlags } from "./names.ts";
import type { ReadContext } from "./read-context.ts";
import { readBlob, readDisplay } from "./read-parts.ts";
import { readValue } from "./read-value.ts";
import { serialize } from "./xml-text.ts";

const COMMON: ReadonlySet<string> = new Set([
  "providerContextKey",
  "displayData",
  "flags",
  "providerKey",
  "providerData",
  "type",
  "providerContextId",
]);

/** A `<providerContexts><item>` (SCHEMA 2). */
export function readProviderContext(item: Element, context: ReadContext): ProviderContext {
  const id = child(item, "providerContextId");
  return {
    key: context.key(required(item, "providerContextKey"), "provider context"),
    id: id === undefined ? 0n : bigInteger(id),
    ...readDisplay(item, context),
    flags: readFlags(item, "provider context", context).bits,
    providerKey: context.optionalKey(child(item, "providerKey"), "provider"),
    providerData: readBlob(child(item, "providerData"), context),
    type: context.texts.keep(required(item, "type").text),
    body: readBody(item, context),
  };
}

/** The typed body: bytes and numeric classify options are understood, all else (IPsec policies) is kept as text. */
function readBody(item: Element, context: ReadContext): ProviderContextBody {
  const parts = item.children.filter((part) => !COMMON.has(part.name));
  const [body] = parts;
  if (body !== undefined && parts.length === 1) {
    if (body.name === "dataBuffer") return { kind: "data", data: readBlob(body, context) ?? new Uint8Array() };
    if (body.name === "classifyOptions") {
      const options = readOptions(body, context);
      if (options !== undefined) return { kind: "classify-options", options };
    }
  }
  return { kind: "opaque", text: context.texts.keep(parts.map(serialize).join("")) };
}

type ClassifyOptions = Extract<ProviderContextBody, { kind: "classify-options" }>["options"];

/** undefined where an option is no number: secure socket options hold keys. */
function readOptions(body: Element, context: ReadContext): ClassifyOptions | undefined {
  const options: { type: string; value: bigint }[] = [];
  for (const item of itemsOf(child(body, "options"), context.log)) {
    const value = readValue(required(item, "value"), context);
    if (value?.type !== "FWP_UINT32" && value?.type !== "FWP_UINT64") return undefined;
    options.push({ type: context.texts.keep(required(item, "type").text), value: BigInt(value.value) });
  }
  return options;
}
