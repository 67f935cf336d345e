import { LINT_CHECKS, lintPolicy } from "../../analysis/index.ts";
import { didYouMean, InputError } from "../../model/index.ts";
import { lintJson, lintSarif, lintText, PolicyNames, policyText } from "../../report/index.ts";
import type { CliContext } from "../context.ts";
import { EXIT } from "../exit-status.ts";
import { Output } from "../output.ts";
import { Progress } from "../progress.ts";
import { askedPolicy } from "../questions/question-policy.ts";
import type { LintFlags } from "./lint-command.ts";

const RANK = { error: 0, warning: 1, note: 2 } as const;

/** `wfplab lint`. */
export async function lint(this: CliContext, flags: LintFlags, source?: string): Promise<void> {
  const output = new Output(this.io);
  if (flags.list) {
    for (const { id, name, severity, title, advice } of LINT_CHECKS) {
      if (flags.json) output.json({ v: 1, type: "check", id, name, severity, title, advice });
      else output.text(`${id}  ${severity.padEnd(7)}  ${name.padEnd(20)}  ${title}\n`);
    }
    return output.flush();
  }
  const [only, ignored] = [checked(flags.only ?? []), checked(flags.ignore ?? [])];
  const { policy, engine, options, remarks } = await askedPolicy(this.io, source, flags);
  const progress = new Progress(this.io.stderr, "checking", LINT_CHECKS.length, 1);
  const all = lintPolicy(engine, {
    ...(options.maxNodes === undefined ? {} : { maxNodes: options.maxNodes }),
    only: (check) => (only.size === 0 || only.has(check.id)) && !ignored.has(check.id),
    onCheck: (done) => progress.update(done),
  });
  progress.end();
  const findings = all.filter(({ severity }) => RANK[severity] <= RANK[flags.severity]);
  if (flags.sarif !== undefined) {
    const file = this.io.createFile(flags.sarif);
    file.write(new TextEncoder().encode(lintSarif(findings, LINT_CHECKS, policy)));
    file.close();
  }
  if (flags.json) for (const record of lintJson(findings, policy)) output.json(record);
  else {
    const about: [string, string][] = [["Policy", policyText(policy)], ...remarks.map((remark): [string, string] => ["Note", remark])];
    output.text(
      lintText(findings, {
        ...output.textOptions(0),
        about,
        names: new PolicyNames(policy),
        hidden: all.length - findings.length,
        advice: new Map(LINT_CHECKS.map(({ id, advice }) => [id, advice])),
        explain: flags.explain,
      }),
    );
  }
  await output.flush();
  this.setStatus(findings.length > 0 ? EXIT.failed : EXIT.ok);
}

/** Ids of the checks that are named. @throws InputError */
function checked(names: readonly string[]): ReadonlySet<string> {
  return new Set(
    names.map((text) => {
      const found = LINT_CHECKS.find(
        ({ id, name }) => id.toLowerCase() === text.toLowerCase() || name.toLowerCase() === text.toLowerCase(),
      );
      const known = LINT_CHECKS.flatMap(({ id, name }) => [id, name]);
      if (found === undefined) throw new InputError(`expected a check (wfplab lint --list), found "${text}"${didYouMean(text, known)}`);
      return found.id;
    }),
  );
}
