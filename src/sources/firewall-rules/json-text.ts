import { InputError } from "../../model/index.ts";
import { DEEPEST, type Told } from "./told.ts";

/**
 * JSON (RFC 8259) with the line of each object, which JSON.parse does not tell.
 * @throws InputError with line and column of what is no JSON.
 */
export function readJson(text: string, source: string): Told {
  return new JsonReader(text, source).whole();
}

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORDS: readonly (readonly [string, Told])[] = [
  ["true", "True"],
  ["false", "False"],
  ["null", null],
];

class JsonReader {
  readonly #text: string;
  readonly #source: string;
  #at = 0;
  #line = 1;
  #lineStart = 0;

  constructor(text: string, source: string) {
    this.#text = text;
    this.#source = source;
  }

  whole(): Told {
    const told = this.#value(0);
    this.#space();
    if (this.#at < this.#text.length) this.#fail("the end");
    return told;
  }

  #value(depth: number): Told {
    this.#space();
    if (depth > DEEPEST) this.#fail(`at most ${DEEPEST} levels`);
    const letter = this.#text[this.#at];
    if (letter === "{") return this.#object(depth);
    if (letter === "[") return { kind: "list", items: this.#items("]", () => this.#value(depth + 1)) };
    if (letter === '"') return this.#string();
    for (const [word, told] of WORDS) {
      if (!this.#text.startsWith(word, this.#at)) continue;
      this.#at += word.length;
      return told;
    }
    NUMBER.lastIndex = this.#at;
    const number = NUMBER.exec(this.#text)?.[0] ?? this.#fail("a value");
    this.#at += number.length;
    return number;
  }

  #object(depth: number): Told {
    const line = this.#line;
    const members = new Map<string, Told>();
    this.#items("}", () => {
      this.#space();
      const name = this.#text[this.#at] === '"' ? this.#string() : this.#fail("a name in quotation marks");
      this.#space();
      if (this.#text[this.#at] !== ":") this.#fail('":"');
      this.#at++;
      // The first of two that differ in case alone: PowerShell writes the rule's own members first.
      const value = this.#value(depth + 1);
      if (!members.has(name.toLowerCase())) members.set(name.toLowerCase(), value);
      return value;
    });
    return { kind: "object", members, line };
  }

  #items(end: string, read: () => Told): Told[] {
    const items: Told[] = [];
    this.#at++;
    this.#space();
    if (this.#text[this.#at] === end) {
      this.#at++;
      return items;
    }
    for (;;) {
      items.push(read());
      this.#space();
      const letter = this.#text[this.#at];
      if (letter !== "," && letter !== end) this.#fail(`"," or "${end}"`);
      this.#at++;
      if (letter === end) return items;
    }
  }

  #string(): string {
    const start = this.#at;
    for (let at = start + 1; ; at++) {
      const letter = this.#text[at];
      if (letter === undefined || letter === "\n") this.#fail("a closed quotation mark");
      if (letter === "\\") at++;
      if (letter !== '"') continue;
      try {
        const read: unknown = JSON.parse(this.#text.slice(start, at + 1));
        this.#at = at + 1;
        return String(read);
      } catch {
        this.#fail("text in quotation marks");
      }
    }
  }

  #space(): void {
    for (; ; this.#at++) {
      const letter = this.#text[this.#at];
      if (letter === "\n") {
        this.#line++;
        this.#lineStart = this.#at + 1;
      } else if (letter !== " " && letter !== "\t" && letter !== "\r") return;
    }
  }

  #fail(expected: string): never {
    const found = this.#at >= this.#text.length ? "the end of the file" : JSON.stringify(this.#text.slice(this.#at, this.#at + 20));
    throw new InputError(`expected ${expected}, found ${found}`, {
      file: this.#source,
      line: this.#line,
      column: this.#at - this.#lineStart + 1,
    });
  }
}
