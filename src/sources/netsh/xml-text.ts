import type { Element } from "./element.ts";

const ESCAPES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#xD;" };

// Characters that XML 1.0 cannot hold, escaped or not, and halves of surrogate pairs.
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** Text as it may stand between tags. What XML cannot hold becomes U+FFFD. */
export function escapeText(text: string): string {
  return text.replace(FORBIDDEN, "\ufffd").replace(/[&<>\r]/g, (character) => ESCAPES[character] ?? character);
}

/** An element and what is in it, on one line. Lists get their count back, which no {@link Element} holds. */
export function serialize(element: Element): string {
  const { name, raw, children } = element;
  if (children.length === 0 && raw === "") return `<${name}/>`;
  const isList = children.length > 0 && children.every((part) => part.name === "item");
  const count = isList ? ` numItems="${children.length}"` : "";
  return `<${name}${count}>${escapeText(raw)}${children.map(serialize).join("")}</${name}>`;
}
