import { type FlowSpec, InputError, parseFlow } from "../model/index.ts";
import { decodeText } from "../sources/index.ts";
import type { CliIo } from "./io.ts";

/**
 * Flows from a file or `-`, one a line; blank lines and those that begin with # are passed over. All are read before the first is answered,
 * so that a mistake in one is known before anything is printed.
 * @throws InputError with file, line and column.
 */
export async function readFlows(io: CliIo, source: string): Promise<FlowSpec[]> {
  const file = source === "-" ? "stdin" : source;
  const text = decodeText(source === "-" ? await io.readStdin() : io.readFile(source));
  const flows = text.split(/\r\n|\r|\n/).flatMap((line, index) => {
    const trimmed = line.trim();
    return trimmed === "" || trimmed.startsWith("#") ? [] : [parseFlow(line, { file, line: index + 1 })];
  });
  if (flows.length === 0) throw new InputError("holds no flow, expected one a line", { file });
  return flows;
}
