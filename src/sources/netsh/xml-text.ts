import type { Element } from "./element.ts";

const ESCAPES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };

/** Text as it may stand between tags. */
export function escapeText(text: string): string {
  return text.replace(/[&<>]/g, (character) => ESCAPES[character] ?? character);
}

/** An element and what is in it, on one line. */
export function serialize(element: Element): string {
  if (element.children.length === 0 && element.text === "") return `<${element.name}/>`;
  return `<${element.name}>${escapeText(element.text)}${element.children.map(serialize).join("")}</${element.name}>`;
}
