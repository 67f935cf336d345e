import { FilterEngine, fidelityOf } from "../../engine/index.ts";
import { type FlowPattern, InputError, type Policy } from "../../model/index.ts";
import { type DiffSide, diffJson, diffText, PolicyNames, policyText } from "../../report/index.ts";
import type { CliContext } from "../context.ts";
import { EXIT } from "../exit-status.ts";
import { parseInterpretation } from "../interpretation-option.ts";
import { Output } from "../output.ts";
import { Progress } from "../progress.ts";
import { diffFlows } from "../questions/diff-flows.ts";
import { askedPolicy } from "../questions/question-policy.ts";
import { readPatterns } from "../questions/read-patterns.ts";
import { isNamed } from "../suite/deciders.ts";
import type { DiffFlags } from "./diff-command.ts";

/** Everything that policies decide about: the usual protocols, and one that nobody names. */
const EVERYTHING = ["in any any > any", "out any any > any"] as const;

/** `wfplab diff`. */
export async function diff(this: CliContext, flags: DiffFlags, before: string, after: string): Promise<void> {
  if (before === "-" && after === "-") throw new InputError("standard input can be one of the two policies only");
  if (!(Number.isInteger(flags.classes) && flags.classes >= 0))
    throw new InputError(`--classes: expected a number, found ${flags.classes}`);
  const patterns = patternsOf(flags.only ?? []);
  const [one, other] = [await askedPolicy(this.io, before, flags), await askedPolicy(this.io, after, flags)];
  for (const name of flags.ignore ?? []) {
    if (![one, other].some(({ policy }) => policy.filters.some((filter) => isNamed(filter, name)))) {
      throw new InputError(`--ignore: neither policy has a filter or rule "${name}"`);
    }
  }
  const interpretation = parseInterpretation(flags.interpretation ?? []);
  const engineOf = (policy: Policy) => new FilterEngine(without(policy, flags.ignore ?? []), { interpretation });
  const progress = new Progress(this.io.stderr, "comparing", patterns.length * 15, 1);
  const result = diffFlows(engineOf(one.policy), engineOf(other.policy), patterns, {
    ...other.options,
    classes: flags.classes,
    now: () => performance.now() / 1000,
    onCase: (done) => progress.update(done),
  });
  progress.end();
  if (result.cost.cases === 0)
    throw new InputError(`--only: no flow is as ${(flags.only ?? []).map((text) => `"${text}"`).join(" or ")} says`);
  const output = new Output(this.io);
  if (flags.json) for (const record of diffJson(result)) output.json(record);
  else {
    output.text(
      diffText(result, {
        ...output.textOptions(0),
        before: sideOf(one.policy),
        after: sideOf(other.policy),
        remarks: [...new Set([...one.remarks, ...other.remarks])],
        allFilters: flags.filters,
        explain: flags.explain,
      }),
    );
  }
  await output.flush();
  const differs = result.flows.length > 0 || result.filters.length > 0;
  this.setStatus(differs ? EXIT.failed : result.certainty === "bounded" ? EXIT.indeterminate : EXIT.ok);
}

function sideOf(policy: Policy): DiffSide {
  return { text: policyText(policy), names: new PolicyNames(policy), fidelity: fidelityOf(policy) };
}

function patternsOf(only: readonly string[]): readonly FlowPattern[] {
  const texts =
    only.length === 0 ? EVERYTHING : only.map((text) => (text === "connect" ? EVERYTHING[1] : text === "accept" ? EVERYTHING[0] : text));
  return texts.flatMap((text) => readPatterns(text));
}

function without(policy: Policy, names: readonly string[]): Policy {
  if (names.length === 0) return policy;
  return { ...policy, filters: policy.filters.filter((filter) => !names.some((name) => isNamed(filter, name))) };
}
