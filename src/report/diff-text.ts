import {
  type DiffAnswer,
  type DiffResult,
  type Fidelity,
  type Filter,
  type FilterChange,
  type FlowTrace,
  layerName,
} from "../model/index.ts";
import { answerClassLine } from "./answer-class-lines.ts";
import { conditionText } from "./condition-text.ts";
import { shortLayerName } from "./event-text.ts";
import { filterNumber } from "./filter-label.ts";
import { flowText } from "./flow-line.ts";
import { labelled } from "./labelled.ts";
import { count, plural } from "./number-text.ts";
import type { PolicyNames } from "./policy-names.ts";
import type { Style } from "./style.ts";
import type { TextOptions } from "./text-options.ts";
import { traceText } from "./trace-text.ts";
import { verdictText } from "./verdict-text.ts";

/** One of the two policies, for those who explain its traces. */
export interface DiffSide {
  /** What the policy is, in a line. */
  readonly text: string;
  readonly names: PolicyNames;
  readonly fidelity: Fidelity;
}

export interface DiffTextOptions extends TextOptions {
  readonly before: DiffSide;
  readonly after: DiffSide;
  /** What was taken for granted of one policy or the other. */
  readonly remarks: readonly string[];
  readonly allFilters: boolean;
  readonly explain: boolean;
}

const FIRST_FILTERS = 10;
const CHANGES: Readonly<Record<DiffAnswer["change"], string>> = {
  gained: "gained: blocked before, permitted now",
  lost: "lost: permitted before, blocked now",
  opened: "open now: it depends on a callout whose code is not known",
  settled: "settled now: it depended on a callout whose code is not known",
};

/** Two policies side by side. */
export function diffText(result: DiffResult, options: DiffTextOptions): string {
  const { style, width, explain, before, after, remarks } = options;
  const lines = [
    ...labelled("Before", before.text, style, width),
    ...labelled("After", after.text, style, width),
    ...remarks.flatMap((remark) => labelled("Note", remark, style, width)),
    "",
    ...(["gained", "lost", "opened", "settled"] as const).flatMap((change) => changeLines(result, change, options)),
    ...filterLines(result, options),
    ...result.unsettled.flatMap((part) => labelled("Unsettled", part, style, width)),
    ...labelled("Traffic", trafficText(result), style, width),
    ...(explain
      ? labelled("Cost", `${plural(result.cost.cases, "case")}, ${count(result.cost.nodes)} nodes at most in one set`, style, width)
      : []),
  ];
  return `${lines.join("\n")}\n`;
}

function trafficText({ flows, certainty, cost }: DiffResult): string {
  if (flows.length > 0) {
    const counts = (["gained", "lost", "opened", "settled"] as const)
      .map((change) => [change, flows.filter((flow) => flow.change === change).length] as const)
      .filter(([, number]) => number > 0);
    const rest = certainty === "proved" ? "everything else is the same" : "the rest is not settled";
    return `differs: ${counts.map(([change, number]) => `${number} ${change}`).join(", ")}; ${rest} (${plural(cost.cases, "case")})`;
  }
  return certainty === "proved" ? `the same: proved for all flows (${plural(cost.cases, "case")})` : "no difference found";
}

function changeLines({ flows }: DiffResult, change: DiffAnswer["change"], options: DiffTextOptions): string[] {
  const { style } = options;
  const own = flows.filter((flow) => flow.change === change);
  if (own.length === 0) return [];
  return [
    style.bold(CHANGES[change]),
    ...own.flatMap(({ heading, classes, more, before, after, decidedBefore, decidedAfter }) => [
      `  ${heading}`,
      ...classes.map((row) => `    ${answerClassLine(row, style)}`),
      ...(more ? [style.dim("    and more classes (--classes N lists more)")] : []),
      `    ${style.dim("for example")} ${flowText(after.flow)}`,
      `      ${style.dim("before")} ${verdictText(before.trace.verdict, style)} by ${filterText(decidedBefore, before.trace.code)}`,
      ...explained(before.trace, options.before, options),
      `      ${style.dim("after")}  ${verdictText(after.trace.verdict, style)} by ${filterText(decidedAfter, after.trace.code)}`,
      ...explained(after.trace, options.after, options),
    ]),
    "",
  ];
}

function explained(trace: FlowTrace, { names, fidelity }: DiffSide, { style, width, explain }: DiffTextOptions): string[] {
  if (!explain) return [];
  const lines = traceText(trace, { style, width, verbose: 0, names, fidelity }).trimEnd().split("\n");
  return lines.map((line) => `        ${line}`.trimEnd());
}

function filterText(filter: Filter | null, code: string): string {
  if (code === "NO_MATCH_PERMIT") return "no filter";
  return filter === null ? code : `${filterNumber(filter.filterId)} "${filter.name}"`;
}

function filterLines({ filters, sameKey, sameShape }: DiffResult, { style, width, allFilters }: DiffTextOptions): string[] {
  const counts = (["added", "removed", "changed"] as const).map(
    (kind) => `${count(filters.filter((change) => change.kind === kind).length)} ${kind}`,
  );
  const groups = byName(filters);
  const shown = allFilters ? groups : groups.slice(0, FIRST_FILTERS);
  const left = groups.slice(shown.length).reduce((sum, group) => sum + group.length, 0);
  return [
    ...labelled("Filters", `${counts.join(", ")}; ${count(sameKey)} the same by key, ${count(sameShape)} by shape`, style, width),
    ...shown.flatMap((group) =>
      (allFilters ? group.map((change) => [change]) : [group]).flatMap((each) => [`  ${changeText(each)}`, ...conditionLines(each, style)]),
    ),
    ...(left > 0 ? [style.dim(`  and ${count(left)} more (--filters lists them)`)] : []),
  ];
}

/** Conditions that went and came, where one filter is told of. */
function conditionLines([change, ...more]: readonly FilterChange[], style: Style): string[] {
  if (change === undefined || more.length > 0 || change.layer === null || !change.differences.includes("conditions")) return [];
  const { layer, before, after } = change;
  const [was, is] = [before, after].map((filter) => (filter?.conditions ?? []).map((condition) => conditionText(condition, layer)));
  return [
    ...(was ?? []).filter((text) => !is?.includes(text)).map((text) => `    ${style.red("-")} ${text}`),
    ...(is ?? []).filter((text) => !was?.includes(text)).map((text) => `    ${style.green("+")} ${text}`),
  ];
}

/** Changes of one kind of filters of one name: as a rule those of one firewall rule. */
function byName(changes: readonly FilterChange[]): readonly (readonly FilterChange[])[] {
  const groups = new Map<string, FilterChange[]>();
  for (const change of changes) {
    const { kind, before, after, differences } = change;
    const key = JSON.stringify([kind, (after ?? before)?.name, (after ?? before)?.origin, differences]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [change]);
    else group.push(change);
  }
  return [...groups.values()];
}

function changeText(group: readonly FilterChange[]): string {
  const filters = group.flatMap(({ before, after }) => after ?? before ?? []);
  const [first] = filters;
  const [change] = group;
  if (first === undefined || change === undefined) return "";
  const layers = layerList(filters.map(({ layerKey }) => shortLayerName(layerName(layerKey))));
  const what = change.differences.length === 0 ? "" : ` (${change.differences.join(", ")})`;
  const who = filters.length === 1 ? `${filterNumber(first.filterId)} ` : "";
  const many = filters.length === 1 ? "" : `${plural(filters.length, "filter")} `;
  return `${change.kind.padEnd(7)} ${who}"${first.name}" ${many}at ${layers}${what}`;
}

/** Names of layers, those of both IP versions in one: `ALE_AUTH_LISTEN_V4/V6`. */
function layerList(names: readonly string[]): string {
  const families = new Map<string, Set<string>>();
  for (const name of names) {
    const [, before = name, family = "", after = ""] = /^(.*)_(V[46])(.*)$/.exec(name) ?? [];
    const key = family === "" ? name : `${before}_@${after}`;
    families.set(key, (families.get(key) ?? new Set()).add(family));
  }
  return [...families].map(([name, found]) => name.replace("@", [...found].sort().join("/"))).join(", ");
}
