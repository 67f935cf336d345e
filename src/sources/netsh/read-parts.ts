import { child, type Element } from "./element.ts";
import { expectChildren } from "./known-elements.ts";
import type { ReadContext } from "./read-context.ts";

/** `<displayData>` of an object; names may be empty, and localised. */
export function readDisplay(item: Element, context: ReadContext): { name: string; description: string } {
  const element = child(item, "displayData");
  if (element === undefined) return { name: "", description: "" };
  expectChildren(element, "display data", context.log);
  return {
    name: context.texts.keep(child(element, "name")?.raw ?? ""),
    description: context.texts.keep(child(element, "description")?.raw ?? ""),
  };
}

/** `<providerData>` and the like: null where empty. `asString` beside `data` loses what is not printable and is not looked at. */
export function readBlob(element: Element | undefined, context: ReadContext): Uint8Array | null {
  if (element === undefined) return null;
  expectChildren(element, "byte blob", context.log);
  const data = child(element, "data");
  return data === undefined ? null : context.bytes(data);
}
