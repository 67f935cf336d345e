import { watch } from "node:fs";
import { basename, dirname, join } from "node:path";
import { InputError } from "../../model/index.ts";
import type { CliContext } from "../context.ts";
import { errorText } from "../error-text.ts";

/** Editors save in several steps; this is long enough for one save to be one run. */
const SETTLE_MS = 150;

/**
 * Runs at once and then after every change of a file, until Ctrl-C. A mistake in a suite is told and waited for, not fatal. Folders are
 * watched, not files, since editors replace files when they save. What a run writes itself is no change.
 */
export async function watchSuites(
  context: CliContext,
  suites: readonly string[],
  policies: readonly string[],
  reports: readonly (string | undefined)[],
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
  const names = new Map<string, Set<string>>();
  for (const file of files) {
    const folder = dirname(file);
    names.set(folder, (names.get(folder) ?? new Set()).add(basename(file)));
  }
  const written = new Set(reports.flatMap((path) => (path === undefined ? [] : [join(dirname(path), basename(path))])));
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
    watchFolder(folder, (name) => {
      if (name !== null && written.has(join(folder, name))) return;
      if (name === null || wanted.has(name) || /\.(ya?ml|xml|reg|pol|json|csv|wfw|txt)$/i.test(name)) changed();
    });
  }
  // Folders are watched before the first run, so that no save falls between them.
  running = running.then(again);
  await new Promise<never>(() => undefined);
}

/** @throws InputError where there is no such folder. */
function watchFolder(folder: string, changed: (name: string | null) => void): void {
  try {
    watch(folder, (_event, name) => changed(name));
  } catch {
    throw new InputError("cannot be watched: no such folder", { file: folder });
  }
}
