import { type FirewallImport, InputError, type ListedRule, type RuleListing } from "../../model/index.ts";
import { rulesJson, rulesText } from "../../report/index.ts";
import type { CliContext } from "../context.ts";
import { EXIT } from "../exit-status.ts";
import type { CliIo } from "../io.ts";
import { listRules } from "../list-rules.ts";
import { importRules } from "../load-rules.ts";
import { Output } from "../output.ts";
import { type PolicyFile, policyFiles } from "../policy-files.ts";
import { Progress } from "../progress.ts";
import type { RulesFlags } from "./rules-command.ts";

/** Files from which on reading them is worth a bar. */
const WORTH_SHOWING = 4;

/** `wfplab rules`. */
export async function rules(this: CliContext, flags: RulesFlags, ...files: string[]): Promise<void> {
  const found = files.flatMap((file) => policyFiles(this.io, file));
  const imports: FirewallImport[] = [];
  const progress = new Progress(this.io.stderr, "reading", found.length, WORTH_SHOWING);
  try {
    for (const file of found) {
      imports.push(await readFile(this.io, file, flags.strict));
      progress.update(imports.length);
    }
  } finally {
    progress.end();
  }
  const listing = listRules(imports, flags);
  const chosen = chosenOf(listing, flags);
  const output = new Output(this.io);
  if (flags.json) {
    for (const record of rulesJson(listing, chosen)) {
      output.json(record);
      await output.breathe();
    }
  } else {
    const view = flags.name !== undefined ? "detail" : flags.inert ? "inert" : "in-force";
    output.text(rulesText(listing, chosen, { ...output.textOptions(0), view }));
  }
  await output.flush();
  this.setStatus(flags.name !== undefined && chosen.length === 0 ? EXIT.failed : EXIT.ok);
}

async function readFile(io: CliIo, { path, gpo }: PolicyFile, strict: boolean): Promise<FirewallImport> {
  const source = path === "-" ? "stdin" : path;
  const bytes = path === "-" ? await io.readStdin() : io.readFile(path);
  if (bytes.length === 0) throw new InputError("is empty, expected firewall rules", { file: source });
  const imported = importRules({ bytes, source, gpo }, strict);
  for (const { severity, message, line, count } of imported.diagnostics) {
    if (severity === "info") continue;
    io.stderr.write(`${source}${line === undefined ? "" : `:${line}`}: ${severity}: ${message}${count > 1 ? ` (${count} times)` : ""}\n`);
  }
  return imported;
}

/** By name all; in JSON too, where each record tells whether it is in force; else one half. */
function chosenOf({ rules: all }: RuleListing, { name, inert, json }: RulesFlags): readonly ListedRule[] {
  const wanted = name?.toLowerCase();
  const named = wanted === undefined ? all : all.filter(({ rule }) => `${rule.name}\n${rule.id}`.toLowerCase().includes(wanted));
  if (inert) return named.filter((one) => one.inert !== null);
  return wanted !== undefined || json ? named : named.filter((one) => one.inert === null);
}
