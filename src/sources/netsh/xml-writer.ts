import { escapeText } from "./xml-text.ts";

/** Indented XML as netsh writes it: tabs, one element a line, empty elements self-closed. */
export class XmlWriter {
  readonly #lines: string[] = [];
  #depth = 0;

  /** An element with text; self-closed where the text is empty. */
  leaf(name: string, text = ""): void {
    this.raw(text === "" ? `<${name}/>` : `<${name}>${escapeText(text)}</${name}>`);
  }

  /** An element with elements inside; self-closed where there are none. */
  node(name: string, inside: () => void, attributes = ""): void {
    const at = this.#lines.length;
    this.raw(`<${name}${attributes}>`);
    this.#depth++;
    inside();
    this.#depth--;
    if (this.#lines.length === at + 1) {
      this.#lines.pop();
      this.raw(`<${name}/>`);
    } else this.raw(`</${name}>`);
  }

  /** A container `<name numItems="n">` of `<item>`s; `<name/>` where there are none. */
  list<T>(name: string, items: readonly T[], item: (value: T) => void, counted = true): void {
    this.node(name, () => this.#each(items, (value) => this.node("item", () => item(value))), counted ? ` numItems="${items.length}"` : "");
  }

  /** A container whose items are plain text. */
  texts(name: string, items: readonly string[]): void {
    this.node(name, () => this.#each(items, (text) => this.leaf("item", text)), ` numItems="${items.length}"`);
  }

  #each<T>(items: readonly T[], write: (item: T) => void): void {
    for (const item of items) write(item);
  }

  /** Elements on one line, as xml-text.ts serialises them, brought into lines. */
  elements(text: string): void {
    const tokens = text.match(/<[^>]*>|[^<]+/g) ?? [];
    for (let at = 0; at < tokens.length; at++) {
      const token = tokens[at] ?? "";
      if (token.startsWith("</")) {
        this.#depth--;
        this.raw(token);
      } else if (token.endsWith("/>")) this.raw(token);
      else if (tokens[at + 1]?.startsWith("<") === false) {
        this.raw(token + tokens[at + 1] + (tokens[at + 2] ?? ""));
        at += 2;
      } else {
        this.raw(token);
        this.#depth++;
      }
    }
  }

  raw(line: string): void {
    this.#lines.push("\t".repeat(this.#depth) + line);
  }

  toString(): string {
    return `${this.#lines.join("\n")}\n`;
  }
}
