import type { LayerProgram } from "../../engine/index.ts";
import { type Filter, layerName, type ShadowFinding, type ShadowRule } from "../../model/index.ts";
import { ruleOfFilter } from "./filter-makers.ts";

/** Layers at which a rule's filters let traffic through or stop it; those at others go with them (WFP-DIAGNOSTICS-FIREWALL 6.3). */
const DECISIVE = /ALE_AUTH_(CONNECT|RECV_ACCEPT)_V[46]$/;
const NAMED = 5;

/** What becomes of a filter that has an effect on nothing. */
const IDLE: ReadonlySet<ShadowFinding["kind"]> = new Set(["impossible", "shadowed", "overruled"]);

/** Firewall rules none of whose filters ever decides, or all of which could go. */
export function shadowRules(programs: readonly LayerProgram[], findings: readonly ShadowFinding[]): readonly ShadowRule[] {
  const rules = new Map<string, Filter[]>();
  for (const { filter } of programs.flatMap(({ subLayers }) => subLayers.flatMap(({ filters }) => filters))) {
    const rule = ruleOfFilter(filter);
    if (rule !== null) rules.set(rule, [...(rules.get(rule) ?? []), filter]);
  }
  const idle = new Map(findings.filter(({ kind }) => IDLE.has(kind)).map((finding) => [finding.filter, finding]));
  const redundant = new Map(findings.filter(({ kind }) => kind === "redundant").map((finding) => [finding.filter, finding]));
  return [...rules].flatMap(([rule, all]): ShadowRule[] => {
    const decisive = all.filter(({ layerKey }) => DECISIVE.test(layerName(layerKey)));
    const filters = decisive.length > 0 ? decisive : all;
    const causes = filters.map((filter) => idle.get(filter) ?? redundant.get(filter));
    if (causes.includes(undefined)) return [];
    const by = new Map(causes.flatMap((cause) => cause?.by ?? []).map((filter) => [filter.name, filter]));
    const kind = filters.every((filter) => idle.has(filter)) ? "never-decides" : "redundant";
    return [{ kind, rule, name: filters[0]?.name ?? rule, filters, by: [...by.values()].slice(0, NAMED) }];
  });
}
