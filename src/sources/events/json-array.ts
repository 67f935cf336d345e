const FIRST = /^\[\s*(\{\s*"[^"\\]{1,200}"\s*:)/;
/** Behind another object, where the first one is damaged there. */
const LATER = /\}\s*,\s*(\{\s*"[^"\\]{1,200}"\s*:)/;

/**
 * The objects of an array that stands on one line, each as its text, so that a damaged one costs only itself: one exporter begins all of
 * them with the same member. Undefined for what does not begin as such an array.
 */
export function objectsOfArray(text: string): readonly string[] | undefined {
  if (!text.startsWith("[")) return undefined;
  const first = FIRST.exec(text.slice(0, 1000))?.[1];
  const isUsual = first !== undefined && nextStart(text, first, 0) > 0;
  const head = isUsual ? first : (LATER.exec(text)?.[1] ?? first);
  if (head === undefined) return undefined;
  const objects: string[] = [];
  let start = isUsual ? text.indexOf(head) : text.indexOf("{");
  for (let next = nextStart(text, head, start); next >= 0; next = nextStart(text, head, start)) {
    objects.push(withoutEnd(text.slice(start, next), ","));
    start = next;
  }
  objects.push(withoutEnd(text.slice(start), ",]"));
  return objects;
}

/** Where the next object begins that stands behind another one and a comma. */
function nextStart(text: string, head: string, start: number): number {
  for (let at = text.indexOf(head, start + 1); at >= 0; at = text.indexOf(head, at + head.length)) {
    const comma = beforeBlanks(text, at);
    if (text[comma] === "," && text[beforeBlanks(text, comma)] === "}") return at;
  }
  return -1;
}

function beforeBlanks(text: string, from: number): number {
  let at = from - 1;
  while (at >= 0 && isBlank(text.charCodeAt(at))) at--;
  return at;
}

/** Without blanks and the characters of `marks` at its end: each of those once, as they close an array or part its objects. */
export function withoutEnd(text: string, marks: string): string {
  let end = text.length;
  let left = marks;
  for (; end > 0; end--) {
    const letter = text[end - 1] ?? "";
    if (isBlank(letter.charCodeAt(0))) continue;
    if (!left.includes(letter)) break;
    left = left.replace(letter, "");
  }
  return text.slice(0, end);
}

function isBlank(code: number): boolean {
  return code === 0x20 || (code >= 0x09 && code <= 0x0d);
}
