import { WFP_ERRORS } from "./tables/errors.ts";

/** Where in a file an input error was found; `line` and `column` count from 1, `offset` is in bytes. */
export interface InputPosition {
  readonly file?: string | undefined;
  readonly line?: number | undefined;
  readonly column?: number | undefined;
  readonly offset?: number | undefined;
}

/** Bad input: the message says what was found and what was expected. */
export class InputError extends Error {
  override readonly name = "InputError";
  readonly position: InputPosition;

  constructor(message: string, position: InputPosition = {}) {
    super(message);
    this.position = position;
  }

  /** `file:line:column: message`, as compilers print it. */
  describe(): string {
    const { file, line, column, offset } = this.position;
    const place = [file, line, line === undefined ? undefined : column].filter((part) => part !== undefined).join(":");
    const at = line === undefined && offset !== undefined ? ` at byte ${offset}` : "";
    // What was found may itself hold line breaks; the message is one line all the same.
    const message = this.message.replace(/\s*[\r\n]\s*/g, " ");
    return place === "" ? `${message}${at}` : `${place}: ${message}${at}`;
  }
}

export type WfpErrorName = keyof typeof WFP_ERRORS;

/** Misuse of the API, with the code that Windows would return (`errors.json`). */
export class WfpError extends Error {
  override readonly name = "WfpError";
  readonly code: WfpErrorName;
  /** HRESULT; STATUS_* names carry the NTSTATUS. */
  readonly value: number;

  constructor(code: WfpErrorName, detail: string) {
    super(`${code}: ${detail}`);
    this.code = code;
    this.value = WFP_ERRORS[code][0];
  }
}

/** A bug in wfplab itself. */
export class InternalError extends Error {
  override readonly name = "InternalError";
}

/** For the default branch of an exhaustive switch. */
export function unreachable(value: never): never {
  throw new InternalError(`unexpected value ${String(value)}`);
}
