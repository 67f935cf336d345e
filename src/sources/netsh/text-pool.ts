/**
 * Keeps one copy of each text. What the parser hands out are slices, and a slice keeps the whole text it was cut from alive: a policy
 * would hold on to its file.
 */
export class TextPool {
  readonly #known = new Map<string, string>();

  keep(text: string): string {
    if (text === "") return "";
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    const copy = detached(text);
    this.#known.set(copy, copy);
    return copy;
  }
}

/** An equal text that shares no memory with `text`: joining and cutting again makes V8 copy. */
export function detached(text: string): string {
  return ` ${text}`.slice(1);
}
