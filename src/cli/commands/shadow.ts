import { shadowFindings } from "../../analysis/index.ts";
import { InputError, type ShadowFinding, type ShadowResult, type ShadowRule } from "../../model/index.ts";
import { policyText, shadowJson, shadowText } from "../../report/index.ts";
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
  if (wanted !== undefined && !engine.policy.layers.some(({ name }) => name.includes(wanted))) {
    throw new InputError(`--layer: no layer has "${flags.layer}" in its name (wfplab show --layers lists them)`);
  }
  const progress = new Progress(this.io.stderr, "analysing", engine.policy.layers.length, 1);
  const found = shadowFindings(engine, {
    ...(options.maxNodes === undefined ? {} : { maxNodes: options.maxNodes }),
    ...(wanted === undefined ? {} : { layers: ({ name }) => name.includes(wanted) }),
    onLayer: (done) => progress.update(done),
  });
  progress.end();
  const asked = ofKinds(found, flags.kind);
  const listed = flags.all ? asked : { ...asked, findings: asked.findings.filter((finding) => isListed(finding, wanted !== undefined)) };
  const left = asked.findings.length - listed.findings.length;
  const output = new Output(this.io);
  if (flags.json) for (const record of shadowJson(listed, policy, left)) output.json(record);
  else {
    const about: [string, string][] = [["Policy", policyText(policy)], ...remarks.map((remark): [string, string] => ["Note", remark])];
    output.text(shadowText(listed, { ...output.textOptions(0), about, left, explain: flags.explain }));
  }
  await output.flush();
  const isSettled = found.incomplete.length === 0 && found.findings.every(({ kind }) => kind !== "unsettled");
  const isFound = listed.rules.length > 0 || listed.findings.some(({ kind }) => kind !== "unsettled");
  this.setStatus(isFound ? EXIT.failed : isSettled ? EXIT.ok : EXIT.indeterminate);
}

/** What a reader can do something about: other software's filters, and rules as a whole where all layers were looked at. */
function isListed({ kind, isOwn, rule }: ShadowFinding, isPartial: boolean): boolean {
  return kind === "unsettled" || (!isOwn && (rule === null || isPartial || kind === "tie"));
}

function ofKinds(found: ShadowResult, kinds: ShadowFlags["kind"]): ShadowResult {
  if (kinds === undefined) return found;
  const ofRule = ({ kind }: ShadowRule) =>
    kind === "redundant"
      ? kinds.includes("redundant")
      : (["impossible", "shadowed", "overruled"] as const).some((each) => kinds.includes(each));
  return { ...found, findings: found.findings.filter(({ kind }) => kinds.includes(kind)), rules: found.rules.filter(ofRule) };
}
