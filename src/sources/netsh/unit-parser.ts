import { SaxesParser } from "saxes";
import { InputError } from "../../model/index.ts";
import type { DiagnosticLog } from "./diagnostics.ts";
import type { Element } from "./element.ts";

/** What to do with an element that stands outside any unit. */
export type Place = "container" | "unit" | "skip" | "unknown";

export interface UnitParserOptions {
  readonly log: DiagnosticLog;
  /** Judges a root element; `previous` is the root before it, undefined for the first. @throws InputError where the first is no policy. */
  readonly root: (name: string, previous: string | undefined, line: number) => "expected" | "foreign";
  /** Judges an element by its path ("wfpstate/layers/item"). */
  readonly place: (path: string) => Place;
  /** Told of each unit as it ends. */
  readonly onUnit: (path: string, unit: Element) => void;
}

interface OpenElement {
  readonly name: string;
  /** Of containers; "" inside units and what is skipped. */
  readonly path: string;
  readonly line: number;
  /** numItems; NaN where there is none. */
  readonly announced: number;
  children: number;
}

/** Far deeper than netsh ever nests; it keeps hostile input from exhausting the stack of what walks a unit. */
const MAX_DEPTH = 100;
/** The longest start that is held back to find the end of the XML declaration. */
const MAX_HEADER = 1000;

/**
 * Reads XML in pieces and hands out units one by one, so that memory holds one filter and not a document. netsh writes two root
 * elements since 2022, which well-formed XML cannot have, and has been seen to leave the end of an older, longer file behind (SCHEMA 1).
 */
export class UnitParser {
  readonly #parser: SaxesParser;
  readonly #options: UnitParserOptions;
  readonly #open: OpenElement[] = [];
  /** Elements of the unit being read. */
  readonly #unit: Element[] = [];
  #closed: OpenElement | undefined;
  #skipping = 0;
  #lastRoot: string | undefined;
  /** Characters given to the parser, or not given to it any more. */
  #length = 0;
  #rootEnd = { position: 0, line: 1 };
  /** The start of the input until the declaration in it is complete; undefined from then on. */
  #header: string | undefined = "";
  #closing = false;
  /** Set where what an older file left behind begins; nothing is read any more. */
  #stopped = false;

  constructor(options: UnitParserOptions) {
    this.#options = options;
    this.#parser = new SaxesParser({ fragment: true, position: true });
    this.#parser.on("opentag", ({ name, attributes }) => this.#onOpen(name, attributes as Record<string, string>));
    this.#parser.on("closetag", () => this.#onClose());
    this.#parser.on("text", (text) => this.#onText(text));
    this.#parser.on("cdata", (text) => this.#onText(text));
    this.#parser.on("error", (error) => this.#onError(error));
  }

  /** @throws InputError with line and column where the input is not XML. */
  write(chunk: string): void {
    if (this.#header === undefined) this.#feed(chunk);
    else {
      this.#header += chunk;
      if (isHeaderComplete(this.#header)) this.#start(this.#header);
    }
  }

  /** @throws InputError if elements are still open: the file was cut. */
  close(): void {
    if (this.#header !== undefined) this.#start(this.#header);
    this.#settle();
    const cut = this.#open.at(-1);
    if (cut !== undefined) {
      throw new InputError(`the file ends inside <${cut.name}>, which line ${cut.line} opens: it was cut short`, {
        line: this.#parser.line,
      });
    }
    this.#closing = true;
    if (!this.#stopped) this.#parser.close();
    if (this.#lastRoot === undefined) throw new InputError("the file is empty, expected XML", { line: 1 });
    if (this.#stopped) {
      const { position, line } = this.#rootEnd;
      this.#options.log.remark(
        "left-over",
        `the file goes on after its end </${this.#lastRoot}> with ${this.#length - position} characters that an older, longer file left behind; they were passed over`,
        line,
      );
    }
  }

  #feed(text: string): void {
    this.#length += text.length;
    if (!this.#stopped && text !== "") this.#parser.write(text);
  }

  /** Drops the byte order mark and the declaration, which a fragment may not have; blanks keep the columns right. */
  #start(header: string): void {
    this.#header = undefined;
    const text = withoutMark(header);
    const first = text.trimStart();
    if (first !== "" && !first.startsWith("<")) {
      const shown = first.slice(0, 20).replace(/\s+/g, " ");
      throw new InputError(`not XML: it starts with "${shown}", expected "<"`, { line: 1, column: 1 });
    }
    this.#feed(text.replace(/^\s*<\?xml\s[^>]*\?>/, (declaration) => declaration.replace(/[^\n]/g, " ")));
  }

  #onOpen(name: string, attributes: Record<string, string>): void {
    if (this.#stopped) return;
    this.#settle();
    const { line } = this.#parser;
    const parent = this.#open.at(-1);
    if (parent === undefined) {
      // What has the old file's end in it may begin with any element.
      if (this.#options.root(name, this.#lastRoot, line) === "foreign") {
        this.#stopped = true;
        return;
      }
      this.#lastRoot = name;
    } else parent.children++;
    if (this.#open.length >= MAX_DEPTH) throw new InputError(`elements are nested more than ${MAX_DEPTH} deep`, { line });
    const announced = attributes.numItems === undefined ? Number.NaN : Number(attributes.numItems);
    const inside = this.#skipping > 0 || this.#unit.length > 0;
    const path = inside ? "" : parent === undefined ? name : `${parent.path}/${name}`;
    this.#open.push({ name, path, line, announced, children: 0 });
    if (this.#skipping > 0) this.#skipping++;
    else if (inside) this.#openInUnit(name, line);
    else if (parent !== undefined) this.#openOutside(name, path, line);
  }

  #openInUnit(name: string, line: number): void {
    const element: Element = { name, line, text: "", raw: "", children: [] };
    this.#unit.at(-1)?.children.push(element);
    this.#unit.push(element);
  }

  #openOutside(name: string, path: string, line: number): void {
    switch (this.#options.place(path)) {
      case "unit":
        this.#openInUnit(name, line);
        return;
      case "unknown": {
        const [above] = path.split("/").slice(-2);
        this.#options.log.warn("unknown-element", `unknown element <${name}> in <${above}>`, line);
        this.#skipping = 1;
        return;
      }
      case "skip":
        this.#skipping = 1;
        return;
      case "container":
        return;
    }
  }

  #onClose(): void {
    if (this.#stopped) return;
    this.#settle();
    this.#closed = this.#open.pop();
    if (this.#open.length === 0) this.#rootEnd = { position: this.#parser.position, line: this.#parser.line };
  }

  /** Finishes the element closed last. It waits for what follows, because the parser closes elements before it finds the tag to be wrong. */
  #settle(): void {
    const closed = this.#closed;
    if (closed === undefined) return;
    this.#closed = undefined;
    if (this.#skipping > 0) {
      this.#skipping--;
      return;
    }
    const { name, path, announced, children, line } = closed;
    if (!Number.isNaN(announced) && announced !== children) {
      this.#options.log.fault("truncated", `<${name}> announces ${announced} items and holds ${children}`, line);
    }
    const element = this.#unit.pop();
    if (element === undefined) return;
    element.text = element.raw.trim();
    if (element.children.length > 0) {
      if (element.text !== "") this.#unexpectedText(name, line);
      element.text = "";
      element.raw = "";
    }
    if (this.#unit.length === 0) this.#options.onUnit(path, element);
  }

  #onText(text: string): void {
    if (this.#stopped) return;
    this.#settle();
    if (this.#skipping > 0) return;
    const element = this.#unit.at(-1);
    if (element !== undefined) element.raw += text;
    else if (text.trim() !== "") {
      const container = this.#open.at(-1);
      if (container !== undefined) this.#unexpectedText(container.name, this.#parser.line);
      else this.#stopped = true;
    }
  }

  #unexpectedText(name: string, line: number): void {
    this.#options.log.warn("unexpected-text", `text between the elements of <${name}>`, line);
  }

  #onError(error: Error): void {
    if (this.#stopped) return;
    // A document that is complete may be followed by the rest of an older file.
    if (this.#open.length === 0 && this.#lastRoot !== undefined) {
      this.#stopped = true;
      return;
    }
    const { line, column } = this.#parser;
    const what = this.#closing ? "the file ends inside a tag: it was cut short" : error.message.replace(/^\d+:\d+: /, "");
    throw new InputError(`not well-formed XML: ${what}`, { line, column });
  }
}

function withoutMark(text: string): string {
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
}

/** Whether the start of the input shows whether there is an XML declaration, and all of it. */
function isHeaderComplete(header: string): boolean {
  if (header.length > MAX_HEADER) return true;
  const text = withoutMark(header).trimStart();
  if (text.startsWith("<?xml")) return text.includes("?>");
  return !"<?xml".startsWith(text);
}
