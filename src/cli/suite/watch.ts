import { watch } from "node:fs";
import { basename, dirname } from "node:path";
import { InputError } from "../../model/index.ts";
import type { CliContext } from "../context.ts";
import { errorText } from "../error-text.ts";

/** Editors save in several steps; this is long enough for one save to be one run. */
const SETTLE_MS = 150;

/**
 * Runs at once and then after every change of a file, until Ctrl-C. A mistake in a suite is told and waited for, not fatal. Folders are
 * watched, not files, since editors replace files when they save.
 */
export async function watchSuites(
  context: CliContext,
  suites: readonly string[],
  policies: readonly string[],
  run: () => Promise<void>,
): Promise<void> {
  const files = [...suites, ...policies];
  if (files.includes("-")) throw new InputError("--watch: expected files, found -: standard input does not change");
  const again = async () => {
    try {
      await run();
    } catch (error) {
      context.io.stderr.write(`${errorText(error, context.io.env.WFPLAB_DEBUG === "1")}\n`);
    }
    context.io.stderr.write("watching for changes; Ctrl-C ends it\n");
  };
  await again();
  const names = new Map<string, Set<string>>();
  for (const file of files) {
    const folder = dirname(file);
    names.set(folder, (names.get(folder) ?? new Set()).add(basename(file)));
  }
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();
  const changed = () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      running = running.then(again);
    }, SETTLE_MS);
  };
  for (const [folder, wanted] of names) {
    // A suite's own policies lie beside it: any YAML, XML or rules file of a watched folder counts.
    watch(folder, (_event, name) => {
      if (name === null || wanted.has(name) || /\.(ya?ml|xml|reg|pol|json|csv|wfw|txt)$/i.test(name)) changed();
    });
  }
  await new Promise<never>(() => undefined);
}
