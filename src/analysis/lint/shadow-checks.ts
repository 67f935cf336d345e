import type { Filter, ShadowKind, ShadowRule } from "../../model/index.ts";
import { shadowFindings } from "../findings/shadow-findings.ts";
import type { Finding, LintCheck, LintContext } from "./check.ts";
import { short } from "./condition-checks.ts";

const known = new WeakMap<LintContext, ReturnType<typeof shadowFindings>>();

/** All shadow checks look at one result. */
function results(context: LintContext) {
  const found = known.get(context) ?? shadowFindings(context.engine, context.maxNodes === undefined ? {} : { maxNodes: context.maxNodes });
  known.set(context, found);
  return found;
}

/** Filters but those of rules, which are told of as a whole. */
function ofKind(kind: ShadowKind, message: (layer: string, by: string) => string) {
  return (context: LintContext): readonly Finding[] =>
    results(context)
      .findings.filter((finding) => finding.kind === kind && (finding.rule === null || kind === "tie"))
      .map(({ filter, layer, by }) => ({ message: message(short(layer.name), names(by)), filter, related: by }));
}

function ofRules(kind: ShadowRule["kind"], message: (by: string, count: number) => string) {
  return (context: LintContext): readonly Finding[] =>
    results(context)
      .rules.filter((rule) => rule.kind === kind)
      .map(({ filters, by }) => ({
        message: message(names(by), filters.length),
        filter: filters[0] ?? null,
        related: [...by, ...filters.slice(1)],
      }));
}

function names(filters: readonly Filter[]): string {
  return filters.map(({ name, filterId }) => `"${name}" (#${filterId})`).join(", ");
}

/** What no check says anything about, as the budget did not suffice. */
function unsettled(context: LintContext): readonly Finding[] {
  const { findings, incomplete } = results(context);
  return [
    ...findings
      .filter(({ kind }) => kind === "unsettled")
      .map(({ filter, layer }) => ({
        message: `whether it ever decides at ${short(layer.name)} is not settled within the budget`,
        filter,
      })),
    ...incomplete.map(({ name }) => ({
      message: `${short(name)}: which filters are overruled, redundant or tied is not settled within the budget`,
      filter: null,
    })),
  ];
}

export const SHADOW_CHECKS: readonly LintCheck[] = [
  {
    id: "WFP040",
    name: "Impossible",
    severity: "warning",
    title: "A filter that no packet can match",
    advice: "The conditions contradict each other, or ask for a value that no packet has at this layer. Correct or remove the filter.",
    run: ofKind("impossible", (layer) => `no packet at ${layer} has what its conditions ask for`),
  },
  {
    id: "WFP041",
    name: "Shadowed",
    severity: "warning",
    title: "A filter that never decides",
    advice: "Remove the filter, give it more weight, or narrow those that decide before.",
    run: ofKind("shadowed", (layer, by) => `never decides at ${layer}: what it matches is decided before by ${by}`),
  },
  {
    id: "WFP042",
    name: "Overruled",
    severity: "warning",
    title: "A filter whose sublayer comes too late",
    advice: "Move the filter to a higher sublayer, or narrow down what decides there.",
    run: ofKind(
      "overruled",
      (layer, by) =>
        `never decides at ${layer}: higher sublayers have decided for good all that it matches${by === "" ? "" : `, by ${by}`}`,
    ),
  },
  {
    id: "WFP043",
    name: "Tie",
    severity: "warning",
    title: "Two filters of one weight that decide differently",
    advice: "Give the filters different weights. Which one is newer may change whenever software starts or Windows is updated.",
    run: ofKind(
      "tie",
      (layer, by) =>
        `has the weight of ${by} at ${layer}, matches some of the same packets and decides otherwise: which of them is newer decides`,
    ),
  },
  {
    id: "WFP044",
    name: "IdleRule",
    severity: "warning",
    title: "A firewall rule that never decides",
    advice: "Remove the rule, or the one that hides it. Rules that block always come before rules that allow.",
    run: ofRules(
      "never-decides",
      (by, count) => `none of the rule's filters (${count}) ever decides: what they match is decided before by ${by}`,
    ),
  },
  {
    id: "WFP045",
    name: "RedundantRule",
    severity: "note",
    title: "A firewall rule without which the same would be decided",
    advice: "The rule can go without any effect on traffic; it is often left from before a wider rule was added.",
    run: ofRules("redundant", (by) => `without the rule the same would be decided, by ${by}`),
  },
  {
    id: "WFP049",
    name: "Unsettled",
    severity: "warning",
    title: "Something that the budget did not suffice for",
    advice: "Give a larger --max-nodes, or ask for fewer checks with --only.",
    run: unsettled,
  },
];
