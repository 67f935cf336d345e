import { shadowFindings } from "../../analysis/index.ts";
import { PolicyNames, policyText, shadowJson, shadowText } from "../../report/index.ts";
import type { CliContext } from "../context.ts";
import { EXIT } from "../exit-status.ts";
import { Output } from "../output.ts";
import { Progress } from "../progress.ts";
import { askedPolicy } from "../questions/question-policy.ts";
import type { ShadowFlags } from "./shadow-command.ts";

/** `wfplab shadow`. */
export async function shadow(this: CliContext, flags: ShadowFlags, source?: string): Promise<void> {
  const { policy, engine, options, remarks } = await askedPolicy(this.io, source, flags);
  const wanted = flags.layer?.toUpperCase();
  const progress = new Progress(this.io.stderr, "analysing", engine.policy.layers.length, 1);
  const found = shadowFindings(engine, {
    ...(options.maxNodes === undefined ? {} : { maxNodes: options.maxNodes }),
    ...(wanted === undefined ? {} : { layers: ({ name }) => name.includes(wanted) }),
    onLayer: (done) => progress.update(done),
  });
  progress.end();
  const result = { ...found, findings: found.findings.filter(({ kind }) => flags.kind === undefined || flags.kind.includes(kind)) };
  const output = new Output(this.io);
  if (flags.json) for (const record of shadowJson(result, policy)) output.json(record);
  else {
    const about: [string, string][] = [["Policy", policyText(policy)], ...remarks.map((remark): [string, string] => ["Note", remark])];
    output.text(shadowText(result, { ...output.textOptions(0), about, names: new PolicyNames(policy), explain: flags.explain }));
  }
  await output.flush();
  const isSettled = found.findings.every(({ kind }) => kind !== "unsettled");
  const settled = result.findings.filter(({ kind }) => kind !== "unsettled");
  this.setStatus(settled.length > 0 ? EXIT.failed : isSettled ? EXIT.ok : EXIT.indeterminate);
}
