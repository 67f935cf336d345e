import { type Diagnostic, InputError } from "../../model/index.ts";

/** Collects remarks, one per kind and subject, with the first line and a count. In strict mode the first one is an error. */
export class DiagnosticLog {
  readonly #entries = new Map<string, { -readonly [K in keyof Diagnostic]: Diagnostic[K] }>();
  readonly #strict: boolean;

  constructor(strict: boolean) {
    this.#strict = strict;
  }

  /** @throws InputError in strict mode. */
  warn(code: string, message: string, line: number): void {
    if (this.#strict) throw new InputError(message, { line });
    const known = this.#entries.get(`${code} ${message}`);
    if (known !== undefined) known.count++;
    else this.#entries.set(`${code} ${message}`, { severity: "warning", code, message, line, count: 1 });
  }

  list(): Diagnostic[] {
    return [...this.#entries.values()];
  }
}
