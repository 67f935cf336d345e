import { InputError } from "../../model/index.ts";

/** One line of a CSV file, which a quoted cell may stretch over several. */
export interface CsvRow {
  readonly cells: readonly string[];
  /** Line on which the row begins, from 1. */
  readonly line: number;
}

/** The delimiter of a header line: whichever of `;`, `,` and tab stands there most often outside quotes. */
export function csvDelimiter(header: string): string {
  const bare = header.replace(/"[^"]*"/g, "");
  const count = (delimiter: string) => bare.split(delimiter).length;
  return [";", ",", "\t"].reduce((best, one) => (count(one) > count(best) ? one : best));
}

/**
 * Rows of CSV text (RFC 4180): cells in quotes may hold delimiters, line breaks and doubled quotes.
 * @throws InputError for a quote that is never closed.
 */
export function* readCsv(text: string, delimiter: string, source: string): Iterable<CsvRow> {
  let line = 1;
  let at = 0;
  while (at < text.length) {
    const start = line;
    const cells: string[] = [];
    for (;;) {
      let cell = "";
      if (text[at] === '"') {
        for (at++; ; ) {
          const end = text.indexOf('"', at);
          if (end < 0) throw new InputError("a quotation mark is never closed", { file: source, line: start });
          cell += text.slice(at, end);
          at = end + 1;
          if (text[at] !== '"') break;
          cell += '"';
          at++;
        }
        line += cell.split("\n").length - 1;
      }
      const rest = nextStop(text, at, delimiter);
      cell += text.slice(at, rest);
      cells.push(cell);
      at = rest;
      if (text[at] !== delimiter) break;
      at++;
    }
    if (text[at] === "\r") at++;
    if (text[at] === "\n") at++;
    line++;
    if (cells.length > 1 || cells[0] !== "") yield { cells, line: start };
  }
}

function nextStop(text: string, from: number, delimiter: string): number {
  for (let at = from; at < text.length; at++) {
    const letter = text[at];
    if (letter === delimiter || letter === "\n" || letter === "\r") return at;
  }
  return text.length;
}
