import { type ImportedRule, InputError } from "../../model/index.ts";
import { csvDelimiter, readCsv } from "./csv.ts";
import type { Remarks } from "./remarks.ts";
import { ruleOfProperties } from "./rule-properties.ts";

/** Whether the first line is the header of exported rules. */
export function isRuleCsv(text: string): boolean {
  const header = headerLine(text).toLowerCase();
  return (
    /direction/.test(header) && /action/.test(header) && /name/.test(header) && /[;,\t]/.test(header) && !header.trimStart().startsWith("{")
  );
}

/** `Export-Csv` of Windows PowerShell puts a line about types first. */
function headerLine(text: string): string {
  const [first = "", second = ""] = text.replace(/^\uFEFF/, "").split(/\r?\n/, 2);
  return first.startsWith("#TYPE") ? second : first;
}

/** Rules of a CSV file with a column for each property (`Export-FirewallRules`, or `Export-Csv` of rules joined with their filters). */
export function readRuleCsv(text: string, source: string, remarks: Remarks): readonly ImportedRule[] {
  const bare = text.replace(/^\uFEFF/, "");
  const skipped = bare.startsWith("#TYPE") ? bare.indexOf("\n") + 1 : 0;
  const header = headerLine(text);
  const columns = [...readCsv(header, csvDelimiter(header), source)].flatMap(({ cells }) => cells).map((name) => name.trim().toLowerCase());
  requireFilters(columns, source);
  const rules: ImportedRule[] = [];
  let first = true;
  for (const { cells, line: at } of readCsv(bare.slice(skipped), csvDelimiter(header), source)) {
    const line = at + (skipped > 0 ? 1 : 0);
    if (first) {
      first = false;
      continue;
    }
    if (cells.length !== columns.length) {
      remarks.error("csv-row", `expected ${columns.length} columns, found ${cells.length}; the line is left out`, line);
      continue;
    }
    const properties = new Map(columns.map((column, index): [string, string] => [column, cells[index] ?? ""]));
    try {
      rules.push(ruleOfProperties(properties, { file: source, line }, remarks));
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      remarks.error("rule", `${error.message}; the rule is left out`, line);
    }
  }
  return rules;
}

/** A rule without its filters would look like one for everything. */
export function requireFilters(properties: Iterable<string>, source: string): void {
  const known = new Set(properties);
  if (known.has("protocol") || known.has("localport") || known.has("remoteaddress") || known.has("program")) return;
  throw new InputError(
    "holds rules without their ports, addresses and programs, which Get-NetFirewallRule keeps in filter objects; export these too (docs/rules.md says how)",
    { file: source },
  );
}
