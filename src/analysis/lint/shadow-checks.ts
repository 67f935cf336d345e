import type { ShadowKind } from "../../model/index.ts";
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

function ofKind(kind: ShadowKind, message: (layer: string, by: string) => string) {
  return (context: LintContext): readonly Finding[] =>
    results(context)
      .findings.filter((finding) => finding.kind === kind)
      .map(({ filter, layer, by }) => ({
        message: message(short(layer.name), by.map(({ name, filterId }) => `"${name}" (#${filterId})`).join(", ")),
        filter,
        related: by,
      }));
}

export const SHADOW_CHECKS: readonly LintCheck[] = [
  {
    id: "WFP040",
    name: "Impossible",
    severity: "warning",
    title: "A filter that no packet can match",
    run: ofKind("impossible", (layer) => `no packet at ${layer} has what its conditions ask for`),
  },
  {
    id: "WFP041",
    name: "Shadowed",
    severity: "warning",
    title: "A filter that never decides",
    run: ofKind("shadowed", (layer, by) => `never decides at ${layer}: what it matches is decided before by ${by}`),
  },
  {
    id: "WFP042",
    name: "Overruled",
    severity: "warning",
    title: "A filter whose sublayer comes too late",
    run: ofKind("overruled", (layer) => `never decides at ${layer}: higher sublayers have decided for good all that it matches`),
  },
  {
    id: "WFP043",
    name: "Tie",
    severity: "warning",
    title: "Two filters of one weight that decide differently",
    run: ofKind(
      "tie",
      (layer, by) =>
        `has the weight of ${by} at ${layer}, matches some of the same packets and decides otherwise: which of them is newer decides`,
    ),
  },
];
