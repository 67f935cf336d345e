import { fidelityOf } from "../../engine/index.ts";
import { InputError } from "../../model/index.ts";
import { PolicyNames, policyText, searchJson, searchText } from "../../report/index.ts";
import type { CliContext } from "../context.ts";
import { EXIT } from "../exit-status.ts";
import { Output } from "../output.ts";
import { Progress } from "../progress.ts";
import { askedPolicy, filtersNamed, requireCases } from "../questions/question-policy.ts";
import { readPatterns } from "../questions/read-patterns.ts";
import { searchFlows } from "../questions/search-flows.ts";
import { wholeNumber } from "../questions/whole-number.ts";
import type { SearchFlags } from "./search-command.ts";

/** Cases from which on a progress bar is worth it. */
const MANY_CASES = 12;

/** `wfplab search`. */
export async function search(this: CliContext, flags: SearchFlags, question: string): Promise<void> {
  const patterns = readPatterns(question);
  const except = (flags.except ?? []).flatMap((text) => readPatterns(text));
  if (flags.verdict === undefined && flags.by === undefined) {
    throw new InputError("expected --verdict permit, block or indeterminate, --by FILTER, or both: what is searched for?");
  }
  const asked = await askedPolicy(this.io, flags.policy, flags);
  const progress = new Progress(this.io.stderr, "searching", patterns.length * 6, MANY_CASES);
  const result = searchFlows(asked.engine, patterns, {
    ...asked.options,
    question,
    verdict: flags.verdict ?? null,
    filters: flags.by === undefined ? null : filtersNamed(asked, flags.by),
    decidedBy: flags.by ?? null,
    except,
    classes: wholeNumber("--classes", flags.classes, 0, 100_000),
    now: () => performance.now() / 1000,
    onCase: (done) => progress.update(done),
  });
  progress.end();
  requireCases(question, result);
  const output = new Output(this.io);
  if (flags.json) for (const record of searchJson(result, asked.policy)) output.json(record);
  else {
    const about: [string, string][] = [
      ["Policy", policyText(asked.policy)],
      ...asked.remarks.map((remark): [string, string] => ["Note", remark]),
    ];
    output.text(
      searchText(result, {
        ...output.textOptions(0),
        about,
        names: new PolicyNames(asked.policy),
        fidelity: fidelityOf(asked.engine.policy),
        explain: flags.explain,
      }),
    );
  }
  await output.flush();
  this.setStatus(
    result.certainty === "bounded" && result.answers.length === 0
      ? EXIT.indeterminate
      : result.answers.length === 0
        ? EXIT.failed
        : EXIT.ok,
  );
}
