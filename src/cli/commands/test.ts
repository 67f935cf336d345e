import { InputError, type Suite } from "../../model/index.ts";
import { suiteJson, suiteText, whatIfLines } from "../../report/index.ts";
import { decodeText, openSuite } from "../../sources/index.ts";
import type { CliContext } from "../context.ts";
import { EXIT, type ExitStatus } from "../exit-status.ts";
import { parseInterpretation } from "../interpretation-option.ts";
import { Output } from "../output.ts";
import { policyFiles } from "../policy-files.ts";
import { Progress } from "../progress.ts";
import { folderOf, inFolder } from "../suite/paths.ts";
import { type FinishedRun, runSuites } from "../suite/run-suites.ts";
import { changesOf } from "../what-if-flags.ts";
import type { TestFlags } from "./test-command.ts";

/** A single test may take long: of a large policy it judges thousands of parts. */
const WORTH_SHOWING = 1;

/** `wfplab test`. */
export async function test(this: CliContext, flags: TestFlags, ...files: string[]): Promise<void> {
  if (files.length === 0) throw new InputError("expected a suite, as in: wfplab test policy-tests.yaml");
  if (flags.watch) {
    const { watchSuites } = await import("../suite/watch.ts");
    const policies = [flags.policy, flags.baseline].flatMap((source) =>
      source === undefined || source.startsWith("@") ? [] : policyFiles(this.io, source).map(({ path }) => path),
    );
    const reports = [flags.junit, flags.sarif, flags.markdown];
    return watchSuites(this, files, policies, reports, async () => this.setStatus(await runOnce(this, flags, files)));
  }
  this.setStatus(await runOnce(this, flags, files));
}

async function runOnce(context: CliContext, flags: TestFlags, files: readonly string[]): Promise<ExitStatus> {
  const { io } = context;
  const suites: Suite[] = [];
  for (const file of files) suites.push(await readSuiteFile(context, file));
  const total = suites.reduce((sum, { tests }) => sum + tests.length, 0);
  const progress = new Progress(io.stderr, "testing", total, WORTH_SHOWING);
  const running = runSuites(io, suites, {
    policy: flags.policy,
    baseline: flags.baseline,
    changes: changesOf(flags),
    profile: flags.profile,
    filter: flags.filter?.toLowerCase(),
    coverage: flags.coverage,
    strict: flags.strict,
    windows: flags.windows,
    volumes: flags.volume ?? [],
    interpretation: parseInterpretation(flags.interpretation ?? []),
    now: () => performance.now() / 1000,
    onTest: (done) => progress.update(done),
  });
  progress.update(0);
  // A policy that cannot be read is told on a line of its own.
  const run = await running.finally(() => progress.end());
  if (run.results.length === 0) throw new InputError(`--filter: no test has "${flags.filter ?? ""}" in its name`);
  await writeReports(context, flags, run);
  const output = new Output(io);
  if (flags.json) for (const record of suiteJson(run)) output.json(record);
  else {
    const options = output.textOptions(flags.verbose ?? 0);
    const changed = whatIfLines(run.applied, flags.profile, options);
    if (changed.length > 0) output.text(`${changed.join("\n")}\n\n`);
    output.text(suiteText(run, options));
  }
  await output.flush();
  return statusOf(run);
}

async function readSuiteFile({ io }: CliContext, file: string): Promise<Suite> {
  const name = file === "-" ? "stdin" : file;
  const bytes = file === "-" ? await io.readStdin() : io.readFile(file);
  return openSuite(decodeText(bytes), {
    file: name,
    readText: (path, position) => {
      try {
        return decodeText(io.readFile(inFolder(folderOf(file), path)));
      } catch (error) {
        throw error instanceof InputError ? new InputError(`${path}: ${error.message}`, position) : error;
      }
    },
  });
}

async function writeReports({ io }: CliContext, { junit, sarif, markdown }: TestFlags, run: FinishedRun): Promise<void> {
  const reports: (readonly [string, string])[] = [];
  const { suiteJunit, suiteMarkdown, suiteSarif } = await import("../../report/index.ts");
  if (junit !== undefined) reports.push([junit, suiteJunit(run)]);
  if (sarif !== undefined) reports.push([sarif, suiteSarif(run)]);
  if (markdown !== undefined) reports.push([markdown, suiteMarkdown(run)]);
  for (const [path, text] of reports) {
    const file = io.createFile(path);
    file.write(new TextEncoder().encode(text));
    file.close();
  }
}

function statusOf({ results }: FinishedRun): ExitStatus {
  if (results.some(({ status }) => status === "failed")) return EXIT.failed;
  return results.some(({ status }) => status === "indeterminate") ? EXIT.indeterminate : EXIT.ok;
}
