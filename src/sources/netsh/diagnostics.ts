import { type Diagnostic, InputError } from "../../model/index.ts";

/** Collects remarks, one per kind and subject, with the first line and a count. In strict mode the first thing not understood is an error. */
export class DiagnosticLog {
  readonly #entries = new Map<string, { -readonly [K in keyof Diagnostic]: Diagnostic[K] }>();
  readonly #strict: boolean;

  constructor(strict: boolean) {
    this.#strict = strict;
  }

  /** Something that is not understood. @throws InputError in strict mode. */
  warn(code: string, message: string, line: number): void {
    if (this.#strict) throw new InputError(message, { line });
    this.#add("warning", code, message, line);
  }

  /** A sign that something is missing. @throws InputError in strict mode. */
  fault(code: string, message: string, line: number): void {
    if (this.#strict) throw new InputError(message, { line });
    this.#add("error", code, message, line);
  }

  /** Something worth saying that is understood, and so no error in any mode. */
  remark(code: string, message: string, line: number): void {
    this.#add("warning", code, message, line);
  }

  list(): Diagnostic[] {
    return [...this.#entries.values()];
  }

  #add(severity: Diagnostic["severity"], code: string, message: string, line: number): void {
    const known = this.#entries.get(`${code} ${message}`);
    if (known !== undefined) known.count++;
    else this.#entries.set(`${code} ${message}`, { severity, code, message, line, count: 1 });
  }
}
