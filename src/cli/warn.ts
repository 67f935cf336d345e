import type { Diagnostic } from "../model/index.ts";
import type { CliIo } from "./io.ts";

const MOST_WARNINGS = 10;

/** Tells what a reader did not understand, a line each, on stderr. */
export function warnOf(io: CliIo, source: string, diagnostics: readonly Diagnostic[]): void {
  const warnings = diagnostics.filter(({ severity }) => severity !== "info");
  for (const { severity, message, line, count } of warnings.slice(0, MOST_WARNINGS)) {
    const place = line === undefined ? source : `${source}:${line}`;
    io.stderr.write(`${place}: ${severity}: ${message}${count > 1 ? ` (${count} times)` : ""}\n`);
  }
  const left = warnings.length - MOST_WARNINGS;
  if (left > 0) io.stderr.write(`${source}: ${left} more warnings\n`);
}
