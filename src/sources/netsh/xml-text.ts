import type { Element } from "./element.ts";

const ESCAPES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#xD;" };

/** What XML 1.0 cannot hold, escaped or not: most control characters, and halves of surrogate pairs. */
const FORBIDDEN = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;

/** Most texts: printable ASCII without markup. */
const PLAIN = /^[ -%'-;=?-~]*$/;

/** Text as it may stand between tags. What XML cannot hold becomes U+FFFD. */
export function escapeText(text: string): string {
  if (PLAIN.test(text)) return text;
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
