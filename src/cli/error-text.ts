import { InputError, WfpError } from "../model/errors.ts";
import { EXIT, type ExitStatus } from "./exit-status.ts";

/** An error for people: one line, `file:line: what` where a place is known. With `debug` its stack follows. */
export function errorText(error: unknown, debug: boolean): string {
  const stack = debug && error instanceof Error && error.stack !== undefined ? `\n${error.stack}` : "";
  return oneLine(messageOf(error)) + stack;
}

function messageOf(error: unknown): string {
  if (error instanceof InputError) {
    const text = error.describe();
    return error.position.file === undefined ? `wfplab: ${text}` : text;
  }
  if (error instanceof WfpError) return `wfplab: ${error.message}`;
  const message = error instanceof Error ? error.message : String(error);
  return `wfplab: a bug in wfplab: ${message} (WFPLAB_DEBUG=1 shows where)`;
}

/** What was found may be binary: its control characters, escape sequences among them, are not for terminals. */
function oneLine(text: string): string {
  return text.replace(/\s*[\r\n]+\s*/g, " ").replace(/\p{Cc}/gu, "\u{fffd}");
}

export function statusOf(error: unknown): ExitStatus {
  const input = error instanceof InputError || error instanceof WfpError;
  return input ? EXIT.usage : EXIT.internal;
}
