import { FilterEngine } from "../../engine/index.ts";
import { type Filter, InputError, type Policy, type SearchResult } from "../../model/index.ts";
import type { TraceFlowOptions } from "../../stack/index.ts";
import { parseInterpretation } from "../interpretation-option.ts";
import type { CliIo } from "../io.ts";
import { loadPolicy, warn, windowsOf } from "../load-policy.ts";
import { isNamed } from "../suite/deciders.ts";
import { volumesOf } from "../volumes.ts";
import type { QuestionFlags } from "./question-flags.ts";
import { nodeBudget } from "./whole-number.ts";

/** A policy that is asked, ready for it. */
export interface AskedPolicy {
  readonly policy: Policy;
  readonly remarks: readonly string[];
  readonly engine: FilterEngine;
  readonly options: TraceFlowOptions & { readonly maxNodes?: number };
}

/** Loads the policy of a question. @throws InputError */
export async function askedPolicy(io: CliIo, source: string | undefined, flags: QuestionFlags): Promise<AskedPolicy> {
  const budget = nodeBudget(flags.maxNodes);
  const interpretation = parseInterpretation(flags.interpretation ?? []);
  const { policy, remarks } = await loadPolicy(io, source, {
    strict: flags.strict,
    kind: "desktop",
    windows: flags.windows,
    interpretation,
  });
  warn(io, policy);
  return {
    policy,
    remarks,
    engine: new FilterEngine(policy, { interpretation }),
    options: {
      windows: flags.windows ?? windowsOf(policy),
      volumes: volumesOf(policy, flags.volume ?? []),
      ...budget,
    },
  };
}

/** Filters that `text` names: by id, key or name, or their rule's name. @throws InputError where there are none. */
export function filtersNamed({ policy }: AskedPolicy, text: string): readonly Filter[] {
  const found = policy.filters.filter((filter) => isNamed(filter, text));
  if (found.length === 0) throw new InputError(`--by: ${policy.source} has no filter or rule "${text}"`);
  return found;
}

/** A question that is about no flow at all has no answer. @throws InputError */
export function requireCases(question: string, { cost }: SearchResult): void {
  if (cost.cases === 0)
    throw new InputError(`flow "${question}": no flow is like that, for these ends do not go together or with the profile`);
}
