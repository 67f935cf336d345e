import { InputError } from "../../model/index.ts";

/** Characters that a line may have. Longer ones would not fit into memory as what they hold. */
const LONGEST = 1 << 28;

/** Cuts a text that comes in pieces into lines, each looked at once however long it is. */
export class TextLines {
  readonly #onLine: (line: string) => void;
  /** The beginning of a line that goes on. */
  #parts: string[] = [];
  #length = 0;
  #line = 1;

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  /** @throws InputError with the line where one does not end. */
  write(text: string): void {
    let from = 0;
    for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n", from)) {
      this.#keep(text.slice(from, end));
      this.#emit();
      from = end + 1;
    }
    if (from < text.length) this.#keep(text.slice(from));
  }

  /** The last line may have no end. */
  end(): void {
    if (this.#length > 0) this.#emit();
  }

  #keep(part: string): void {
    this.#length += part.length;
    if (this.#length > LONGEST) {
      throw new InputError(`a line of more than ${LONGEST} characters; an export with a line per event is read however long it is`, {
        line: this.#line,
      });
    }
    this.#parts.push(part);
  }

  #emit(): void {
    const line = this.#parts.join("");
    this.#parts = [];
    this.#length = 0;
    this.#line++;
    this.#onLine(line.endsWith("\r") ? line.slice(0, -1) : line);
  }
}
