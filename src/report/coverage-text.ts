import type { Filter, PolicyCoverage } from "../model/index.ts";
import { filterNumber } from "./filter-label.ts";
import { count, plural } from "./number-text.ts";
import { PolicyNames } from "./policy-names.ts";
import type { TextOptions } from "./text-options.ts";

const SHOWN = 10;

/** Which filters decided for some flow, and which for none; the latter by rule, since one rule makes several. */
export function coverageText(coverage: readonly PolicyCoverage[], { style, verbose, width }: TextOptions): string[] {
  return coverage.flatMap(({ policy, exercised, idle }) => {
    const names = new PolicyNames(policy);
    const total = exercised.length + idle.length;
    const share = total === 0 ? 100 : Math.floor((exercised.length / total) * 100);
    const head = `${style.bold("Coverage")} of ${policy.source}: ${count(exercised.length)} of ${plural(total, "filter")} (${share} %) decided something`;
    const groups = groupsOf(idle);
    const shown = verbose > 0 ? groups : groups.slice(0, SHOWN);
    const lines = shown.map(({ first, filters }) => {
      const layers = [
        ...new Set(
          filters.map(({ layerKey }) => policy.layers.find(({ key }) => key === layerKey)?.name.replace(/^FWPM_LAYER_/, "") ?? layerKey),
        ),
      ];
      const what = `  idle  ${filters.length === 1 ? filterNumber(first.filterId) : plural(filters.length, "filter")} "${first.name}", ${names.subLayer(first.subLayerKey)}, ${layers.join(", ")}`;
      return what.length > width ? `${what.slice(0, width - 3)}...` : what;
    });
    const left = groups.length - shown.length;
    const used =
      verbose > 0
        ? exercised.map(
            ({ filter, tests, flow }) =>
              `  used  ${filterNumber(filter.filterId)} "${filter.name}" by ${plural(tests.length, "test")}, e.g. ${flow}`,
          )
        : [];
    return [head, ...used, ...lines, ...(left > 0 ? [style.dim(`  and ${count(left)} more rules or defaults (-v shows them)`)] : [])];
  });
}

/** Idle filters by what made them. */
function groupsOf(idle: readonly Filter[]): readonly { readonly first: Filter; readonly filters: readonly Filter[] }[] {
  const groups = new Map<string, Filter[]>();
  for (const filter of idle) {
    const key = `${filter.origin ?? ""}\n${filter.name}`;
    const list = groups.get(key);
    if (list === undefined) groups.set(key, [filter]);
    else list.push(filter);
  }
  return [...groups.values()].flatMap((filters) => {
    const [first] = filters;
    return first === undefined ? [] : [{ first, filters }];
  });
}
