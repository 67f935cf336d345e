import { SaxesParser } from "saxes";
import { InputError } from "../../model/index.ts";
import type { DiagnosticLog } from "./diagnostics.ts";
import type { Element } from "./element.ts";

/** Told of each unit as it ends; what it returns says nothing. */
export type UnitHandler = (path: string, unit: Element) => void;

export interface UnitParserOptions {
  /** Whether the element at this path ("wfpstate/layers/item/layer") is read as a whole. */
  readonly isUnit: (path: string) => boolean;
  /** Whether to pass over the element at this path with everything in it. */
  readonly isSkipped: (path: string) => boolean;
  readonly onUnit: UnitHandler;
  /** Told of an element outside any unit, before its children. */
  readonly onOpen: (path: string, line: number) => void;
  readonly log: DiagnosticLog;
}

interface OpenElement {
  readonly path: string;
  readonly line: number;
  readonly announced: number | undefined;
  children: number;
}

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
  #skipping = 0;
  #roots = 0;
  #started = false;
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
    if (this.#stopped || chunk === "") return;
    this.#parser.write(this.#started ? chunk : this.#start(chunk));
  }

  /** @throws InputError if elements are still open: the file was cut. */
  close(): void {
    if (this.#stopped) return;
    const cut = this.#open.at(-1);
    if (cut !== undefined) {
      const name = cut.path.slice(cut.path.lastIndexOf("/") + 1);
      throw new InputError(`the file ends inside <${name}>, which line ${cut.line} opens: it was cut`, { line: this.#parser.line });
    }
    if (this.#roots === 0) throw new InputError("the file is empty, expected XML", { line: 1 });
  }

  /** Drops the byte order mark and the declaration, which a fragment may not have; blanks keep the columns right. */
  #start(chunk: string): string {
    this.#started = true;
    const text = chunk.charCodeAt(0) === 0xfeff ? chunk.slice(1) : chunk;
    const first = text.trimStart();
    if (first !== "" && !first.startsWith("<")) {
      throw new InputError(`not XML: it starts with "${first.slice(0, 20).replace(/\s+/g, " ")}", expected "<"`, { line: 1, column: 1 });
    }
    return text.replace(/^\s*<\?xml[^>]*\?>/, (declaration) => declaration.replace(/[^\n]/g, " "));
  }

  #onOpen(name: string, attributes: Record<string, string>): void {
    if (this.#stopped) return;
    const parent = this.#open.at(-1);
    if (parent === undefined) this.#roots++;
    else parent.children++;
    const path = parent === undefined ? name : `${parent.path}/${name}`;
    const { line } = this.#parser;
    const announced = attributes.numItems === undefined ? undefined : Number(attributes.numItems);
    this.#open.push({ path, line, announced, children: 0 });
    if (this.#skipping > 0 || (this.#unit.length === 0 && this.#options.isSkipped(path))) {
      this.#skipping++;
      return;
    }
    if (this.#unit.length > 0 || this.#options.isUnit(path)) {
      const element: Element = { name, line, text: "", children: [] };
      this.#unit.at(-1)?.children.push(element);
      this.#unit.push(element);
    } else this.#options.onOpen(path, line);
  }

  #onClose(): void {
    if (this.#stopped) return;
    const closed = this.#open.pop();
    if (closed === undefined) return;
    if (closed.announced !== undefined && closed.announced !== closed.children) {
      this.#options.log.warn(
        "item-count",
        `<${closed.path.slice(closed.path.lastIndexOf("/") + 1)}> announces ${closed.announced} items and holds ${closed.children}`,
        closed.line,
      );
    }
    if (this.#skipping > 0) {
      this.#skipping--;
      return;
    }
    const element = this.#unit.pop();
    if (element === undefined) return;
    element.text = element.text.trim();
    if (this.#unit.length === 0) this.#options.onUnit(closed.path, element);
  }

  #onText(text: string): void {
    const element = this.#unit.at(-1);
    if (element !== undefined) element.text += text;
    else if (this.#open.length === 0 && this.#roots > 0 && text.trim() !== "") this.#leftOver();
  }

  #onError(error: Error): void {
    if (this.#stopped) return;
    // A document that is complete may be followed by the rest of an older file.
    if (this.#open.length === 0 && this.#roots > 0) {
      this.#leftOver();
      return;
    }
    const { line, column } = this.#parser;
    throw new InputError(`not well-formed XML: ${error.message.replace(/^\d+:\d+: /, "")}`, { line, column });
  }

  #leftOver(): void {
    this.#stopped = true;
    this.#options.log.warn("left-over", "the file goes on after its end, with what an older, longer file left behind", this.#parser.line);
  }
}
