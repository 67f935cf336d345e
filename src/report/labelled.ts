import type { Style } from "./style.ts";
import { widthOf } from "./table.ts";

const LABEL_WIDTH = 10;

/** `Label     text`, wrapped at spaces to `width` columns under the text's first letter. Line breaks in the text are kept. */
export function labelled(label: string, text: string, style: Style, width: number): string[] {
  const lines = text.split("\n").flatMap((part) => wrap(part, Math.max(30, width - LABEL_WIDTH)));
  const head = label === "" ? "" : style.bold(label);
  return lines.map((line, index) =>
    index === 0 ? `${head}${" ".repeat(Math.max(1, LABEL_WIDTH - widthOf(label)))}${line}`.trimEnd() : `${" ".repeat(LABEL_WIDTH)}${line}`,
  );
}

/** Lines of at most `width` letters, broken at spaces; a longer word stands alone. Leading spaces are repeated. */
export function wrap(text: string, width: number): string[] {
  if (widthOf(text) <= width) return [text];
  const indent = /^ */.exec(text)?.[0] ?? "";
  const lines: string[] = [];
  let line = "";
  for (const word of text.slice(indent.length).split(" ")) {
    if (line === "") line = indent + word;
    else if (widthOf(line) + 1 + widthOf(word) <= width) line += ` ${word}`;
    else {
      lines.push(line);
      line = `${indent}  ${word}`;
    }
  }
  return [...lines, line];
}
