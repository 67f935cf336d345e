import type { AppliedChange, FlowTrace } from "../model/index.ts";
import { labelled } from "./labelled.ts";
import { decidingFilters } from "./suite-finding-lines.ts";
import type { TextOptions } from "./text-options.ts";
import { verdictText } from "./verdict-text.ts";

/** What was changed, a line each. */
export function whatIfLines(applied: readonly AppliedChange[], profile: string | undefined, { style, width }: TextOptions): string[] {
  const texts = [
    ...applied.map(({ change, effect }) => `${change.kind} ${change.text}: ${effect}`),
    ...(profile === undefined ? [] : [`profile ${profile}`]),
  ];
  return texts.flatMap((text, index) => labelled(index === 0 ? "What if" : "", text, style, width));
}

/** `BLOCK -> PERMIT`: what the changes did to one flow, and by whom each. */
export function beforeAfterLines(before: FlowTrace, after: FlowTrace, { style, width }: TextOptions): string[] {
  const same = before.verdict === after.verdict && nameOf(before) === nameOf(after);
  return [
    ...labelled("Before", `${verdictText(before.verdict, style)}  ${nameOf(before)}`, style, width),
    ...labelled("After", `${verdictText(after.verdict, style)}  ${same ? "the same" : nameOf(after)}`, style, width),
  ];
}

function nameOf({ code, decisive, verdict }: FlowTrace): string {
  if (decisive === null) return code;
  const [filter] = decidingFilters(decisive, verdict);
  const layer = decisive.layer.name.replace(/^FWPM_LAYER_/, "");
  return `${code} at ${layer}${filter === undefined ? "" : `, "${filter.name}"${filter.origin === null || filter.origin === filter.name ? "" : ` (${filter.origin})`}`}`;
}
