const ESCAPES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\r": "&#xD;" };

/** What XML 1.0 cannot hold, escaped or not: most control characters, and halves of surrogate pairs. */
const FORBIDDEN = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;

/** Text for an element or an attribute. What XML cannot hold becomes U+FFFD. */
export function xmlText(text: string): string {
  return text.replace(FORBIDDEN, "\ufffd").replace(/[&<>"\r]/g, (character) => ESCAPES[character] ?? character);
}

/** XML a line an element, indented by tabs, empty elements self-closed, as netsh writes it. */
export class EventXmlWriter {
  readonly #lines: string[] = [];
  #depth = 0;

  /** An element with text; attributes are given as they are to stand, with a blank before. */
  leaf(name: string, text = "", attributes = ""): void {
    this.#line(text === "" ? `<${name}${attributes}/>` : `<${name}${attributes}>${xmlText(text)}</${name}>`);
  }

  node(name: string, inside: () => void, attributes = ""): void {
    this.#line(`<${name}${attributes}>`);
    this.#depth++;
    inside();
    this.#depth--;
    this.#line(`</${name}>`);
  }

  /** `<name numItems="n">` of items; `<name/>` where there are none. */
  list<T>(name: string, items: readonly T[], item: (value: T) => void): void {
    if (items.length === 0) this.leaf(name);
    else {
      const inside = () => {
        for (const value of items) item(value);
      };
      this.node(name, inside, ` numItems="${items.length}"`);
    }
  }

  comment(text: string): void {
    this.#line(`<!-- ${xmlText(text).replaceAll("--", "- -")} -->`);
  }

  toString(): string {
    return `${this.#lines.join("\n")}\n`;
  }

  #line(text: string): void {
    this.#lines.push("\t".repeat(this.#depth) + text);
  }
}
