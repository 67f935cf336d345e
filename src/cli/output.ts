import { ANSI_STYLE, type JsonRecord, PLAIN_STYLE, type Style, type TextOptions } from "../report/index.ts";
import type { CliIo } from "./io.ts";

const DEFAULT_WIDTH = 120;
const CHUNK = 1 << 16;

/** Standard output, as text or as a JSON record a line. Collects small pieces; `flush` when done. */
export class Output {
  readonly #io: CliIo;
  #pending: string[] = [];
  #size = 0;

  constructor(io: CliIo) {
    this.#io = io;
  }

  /** Colour on a terminal only, and never where NO_COLOR is set to anything (no-color.org). */
  get style(): Style {
    return this.#io.stdout.isTerminal && (this.#io.env.NO_COLOR ?? "") === "" && this.#io.env.TERM !== "dumb" ? ANSI_STYLE : PLAIN_STYLE;
  }

  textOptions(verbose: number): TextOptions {
    return { style: this.style, verbose, width: Math.max(60, this.#io.stdout.columns ?? DEFAULT_WIDTH) };
  }

  text(text: string): void {
    this.#pending.push(text);
    this.#size += text.length;
  }

  json(record: JsonRecord): void {
    this.text(`${JSON.stringify(record)}\n`);
  }

  /** Hands on what has been collected once it is worth it; waits where the reader is behind. */
  async breathe(): Promise<void> {
    if (this.#size >= CHUNK) await this.flush();
  }

  async flush(): Promise<void> {
    const text = this.#pending.join("");
    this.#pending = [];
    this.#size = 0;
    if (text !== "" && !this.#io.stdout.write(text)) await this.#io.stdout.drained();
  }
}
